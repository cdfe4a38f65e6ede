import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action } from '../../linux/action.ts';
import { sysctlPath } from '../../linux/ip/names.ts';
import type { Step } from '../../modules/module.ts';
import { text } from '../../modules/shared/rows.ts';
import type { Guard } from '../steps/guard.ts';
import { unlessRefused } from '../steps/unless-refused.ts';

/** Sysctls as they were before a step; null: the step did not write it. */
export type Along = Readonly<Record<string, string | null>>;

/** A step that was carried out, and what takes it back. */
interface Noted {
  readonly sysctls?: Along | undefined;
  readonly guard?: Guard | undefined;
  readonly undo: readonly Action[];
}

const forwarding = ['net/ipv4/ip_forward', 'net/ipv4/conf/all/forwarding'];
/** What is written along with the two for all links (inet_forward_change() in net/ipv4/devinet.c), and the other way round. */
const redirects = 'net/ipv4/conf/all/accept_redirects';

/**
 * The keys that the kernel may write along with one; "*" stands for each link. A default of IPv4 and of neighbours goes on to links
 * (devinet_copy_dflt_conf(), neigh_copy_dflt_parms()), of IPv6 what is said of all does (addrconf_sysctl_*() in net/ipv6/addrconf.c).
 */
function along(path: string): readonly string[] {
  if (forwarding.includes(path)) return ['net/ipv4/conf/*/forwarding', 'net/ipv4/conf/default/forwarding', redirects];
  const [, last] =
    /^net\/ipv6\/conf\/all\/(forwarding|disable_ipv6|addr_gen_mode|ignore_routes_with_linkdown)$/.exec(path) ?? [];
  if (last !== undefined) return ['*', 'default'].map((dev) => `net/ipv6/conf/${dev}/${last}`);
  return /^net\/(?:ipv4\/conf|ipv.\/neigh)\/default\//.test(path) ? [path.replace('/default/', '/*/')] : [];
}

/** What a step may overwrite along with its own sysctl, as it is before it; undefined: nothing. */
export async function sysctlsAlong({ action, undo }: Step, host: ActingHost): Promise<Along | undefined> {
  const keys = action.op === 'sysctl' && undo.length > 0 ? along(sysctlPath(action.key)) : [];
  if (action.op !== 'sysctl' || keys.length === 0) return undefined;
  const links = (await host.ip(['link', 'show'], action.netns)).rows.map((row) => text(row, 'ifname') ?? '');
  const all = keys.flatMap((key) => (key.includes('*') ? links.map((dev) => key.replace('*', () => dev)) : key));
  const values = await read(all, action.netns, host);
  return Object.fromEntries(Object.entries(values).filter((each): each is [string, string] => each[1] !== undefined));
}

/** What is written to each of the keys where this value is to a step's own. */
function valueAt(key: string, value: string): string {
  return key === redirects ? String(Number(value === '0')) : value;
}

/** What was noted of a step, now that it was carried out. */
export async function writtenAlong(
  { action, sysctls }: { readonly action: Action; readonly sysctls?: Along },
  host: ActingHost,
): Promise<Along | undefined> {
  if (action.op !== 'sysctl' || sysctls === undefined) return undefined;
  const now = await read(Object.keys(sysctls), action.netns, host);
  const isUntouched = (key: string, was: string | null) => now[key] === was && was !== valueAt(key, action.value);
  return Object.fromEntries(Object.entries(sysctls).map(([key, was]) => [key, isUntouched(key, was) ? null : was]));
}

/**
 * To be called before the inverse of a step; what it returns leads the sysctls that were written along back to what they were before
 * the step, and leaves those that somebody has set since as these are. A link of the same name that was made since is one
 * that an undo may have brought back: it has the default, and is led back like the first.
 */
export async function noteAlong({ sysctls = {}, guard, undo }: Noted, host: ActingHost): Promise<() => Promise<void>> {
  const [action] = undo;
  const keys = Object.keys(sysctls);
  if (keys.length === 0 || guard?.kind !== 'sysctl' || action?.op !== 'sysctl') return async () => undefined;
  const { netns } = action;
  // An agent that was killed may have carried the inverse out, and no more.
  const isRepeated = (await host.sysctl(action.key, netns)) === action.value;
  const values = isRepeated ? [...guard.values, action.value] : guard.values;
  const found = await read(keys, netns, host);
  const isOurs = (key: string) => values.some((value) => valueAt(key, value) === found[key]);
  return async () => {
    const now = await read(keys, netns, host);
    for (const key of keys) {
      const value = (isOurs(key) && sysctls[key]) || found[key];
      if (value === undefined || now[key] === undefined || now[key] === value) continue;
      // A link may be gone by now.
      await unlessRefused(() => host.apply({ op: 'sysctl', netns, key, value }));
    }
  };
}

async function read(
  keys: readonly string[],
  netns: string | undefined,
  host: ActingHost,
): Promise<Readonly<Record<string, string | undefined>>> {
  const values = await Promise.all(keys.map((key) => host.sysctl(key, netns)));
  return Object.fromEntries(keys.map((key, at) => [key, values[at]]));
}
