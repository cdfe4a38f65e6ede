import { existsSync, readFileSync } from 'node:fs';
import type { IpReply } from '../host.ts';

/** Further names of links are believed for so long, unless the agent changes some: nobody but ip tells them. */
const believedMs = 2000;

type Rows = IpReply['rows'];

/**
 * Says of most links that are not there that they are not, without ip being asked for them by name. For a name that no link
 * has the kernel starts modprobe twice, for `netdev-NAME` and for NAME (dev_load() of net/core/dev_ioctl.c): that takes longer than
 * all else of a task.
 */
export class LinkNames {
  private readonly list: (netns: string | undefined) => Promise<Rows>;
  /** Names that were listed in a namespace: ip may be asked for them, whether they are still there or not. */
  private readonly listed = new Map<string, ReadonlySet<string>>();
  private further: { readonly atMs: number; readonly names: Promise<ReadonlySet<string> | undefined> } | undefined;

  /** `list`: rows of all links of a namespace. */
  constructor(list: (netns: string | undefined) => Promise<Rows>) {
    this.list = list;
  }

  /** True: ip is asked for a link by a name that none has, not even as a further one. False: ip has to say. */
  async lack(args: readonly string[], netns: string | undefined): Promise<boolean> {
    const name = shownLink(args);
    if (name === undefined) return false;
    const isKnown = netns === undefined ? isOwnLink(name) : this.listed.get(netns)?.has(name) === true;
    if (isKnown) return false;
    const names = await (netns === undefined ? this.furtherNames() : this.names(netns));
    if (netns !== undefined && names !== undefined) this.listed.set(netns, names);
    return names !== undefined && !names.has(name);
  }

  /** Links may have further names now. */
  forget(): void {
    this.listed.clear();
    this.further = undefined;
  }

  private furtherNames(): Promise<ReadonlySet<string> | undefined> {
    const atMs = performance.now();
    if (this.further === undefined || atMs - this.further.atMs > believedMs)
      this.further = { atMs, names: this.names(undefined) };
    return this.further.names;
  }

  /** Names of all links of a namespace, further ones too; undefined where ip can't list them. */
  private names(netns: string | undefined): Promise<ReadonlySet<string> | undefined> {
    return this.list(netns).then(namesOf, () => undefined);
  }
}

/** The link that is asked for by its name; the host answers `link show` by `address show`. */
export function shownLink(args: readonly string[]): string | undefined {
  const [object, verb, key, name] = args;
  const isOne = (object === 'link' || object === 'address') && verb === 'show' && key === 'dev';
  return isOne && args.length === 4 ? name : undefined;
}

/** True for a link of the agent's own namespace, which its /proc tells of. */
function isOwnLink(name: string): boolean {
  if (existsSync(`/proc/sys/net/ipv4/conf/${name}`)) return true;
  // Links of a small mtu have no IPv4 (inetdev_event() of net/ipv4/devinet.c).
  const lines = readFileSync('/proc/net/dev', 'latin1').split('\n');
  return lines.some((line) => line.trimStart().startsWith(`${name}:`));
}

function namesOf(rows: Rows): ReadonlySet<string> {
  return new Set(rows.flatMap(({ ifname, altnames }) => [ifname, altnames ?? []].flat().map(String)));
}
