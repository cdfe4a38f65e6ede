import { readdirSync, statSync } from 'node:fs';
import type { Host, IpReply } from '../host.ts';
import { type CoprocessPool, netnsExists } from './coprocess-pool.ts';
import { parseIpReply } from './ip-reply.ts';
import type { Monitor } from './monitor.ts';
import { netnsDir, netnsPath, sysctlPath } from './names.ts';
import { readProc } from './netns-door.ts';

/** A host to look at, until it is closed. */
export interface Observing extends Pick<Host, 'ip' | 'exec' | 'netnsNames' | 'readFile'> {
  /** `ip` of what a kept one would tell from memory. */
  ipAfresh(args: readonly string[], netns?: string): Promise<IpReply>;
  /** What ip says of what it has no JSON for, of whatever it ends with; nothing where the namespace is not there. */
  ipText(args: readonly string[], netns?: string): Promise<string>;
  /** Values of kernel parameters `net/FOLDER/...`, in their order; undefined where the kernel has none. */
  sysctls(keys: readonly string[], netns?: string): Promise<readonly (string | undefined)[]>;
  /** Text of /proc/net/NAME as seen from a namespace; undefined when there is no such file. */
  procNet(name: string, netns?: string): Promise<string | undefined>;
  /** Inode of a namespace, which tells it from others while it lives; undefined when there is none of this name. */
  netnsInode(netns?: string): number | undefined;
  /**
   * Starts a program that writes a line for each change that a family of netlink tells it of, until the caller closes it.
   * Throws OrchError when it does not listen.
   */
  monitor(
    argv: readonly string[],
    family: number,
    netns: string | undefined,
    take: (line: string) => void,
  ): Promise<Monitor>;
  /** Ends the coprocesses, which keep namespaces alive. */
  close(): Promise<void>;
}

/** Questions to the kernel through one pool of coprocesses, each as Host or Observing tells it. */
export class Queries {
  readonly pool: CoprocessPool;

  constructor(pool: CoprocessPool) {
    this.pool = pool;
  }

  async ip(args: readonly string[], netns?: string): Promise<IpReply> {
    if (netns !== undefined && !netnsExists(netns)) return { rows: [], missing: true };
    return parseIpReply(args, await this.pool.ip(args, netns));
  }

  async ipAfresh(args: readonly string[], netns?: string): Promise<IpReply> {
    if (netns !== undefined && !netnsExists(netns)) return { rows: [], missing: true };
    return parseIpReply(args, await this.pool.ipAfresh(args, netns));
  }

  async ipText(args: readonly string[], netns?: string): Promise<string> {
    return netns === undefined || netnsExists(netns) ? this.pool.ipText(args, netns) : '';
  }

  async sysctl(key: string, netns?: string): Promise<string | undefined> {
    return (await this.proc(`/proc/sys/${sysctlPath(key)}`, netns))?.trimEnd();
  }

  async sysctls(keys: readonly string[], netns?: string): Promise<readonly (string | undefined)[]> {
    const paths = keys.map((key) => `/proc/sys/${sysctlPath(key)}`);
    if (netns === undefined) return paths.map((path) => readProc(path)?.trimEnd());
    const values = new Map<string, string | undefined>();
    for (const folder of new Set(paths.map(folderOf))) {
      if (!netnsExists(netns)) break;
      const inside = paths.filter((path) => path.startsWith(`${folder}/`));
      const texts = await this.pool.door(netns).readAll(
        folder,
        inside.map((path) => path.slice(folder.length + 1)),
      );
      for (const [index, path] of inside.entries()) values.set(path, texts[index]?.trimEnd());
    }
    return paths.map((path) => values.get(path));
  }

  procNet(name: string, netns?: string): Promise<string | undefined> {
    return this.proc(`/proc/net/${name}`, netns);
  }

  private async proc(path: string, netns: string | undefined): Promise<string | undefined> {
    if (netns === undefined) return readProc(path);
    return netnsExists(netns) ? this.pool.door(netns).read(path) : undefined;
  }
}

/** /proc/sys/net/ipv4 of what is in there. */
function folderOf(path: string): string {
  return path.split('/').slice(0, 5).join('/');
}

export function netnsInode(netns?: string): number | undefined {
  return statSync(netns === undefined ? '/proc/self/ns/net' : netnsPath(netns), { throwIfNoEntry: false })?.ino;
}

/** When a namespace was made, in ms: another one may have its name by now, and its inode's number too. */
export function netnsMade(netns: string): number | undefined {
  const made = statSync(netnsPath(netns), { throwIfNoEntry: false });
  return made && Math.trunc(made.ctimeMs);
}

/** Names of all network namespaces that have one. */
export function readNetnsNames(): readonly string[] {
  try {
    return readdirSync(netnsDir).sort();
  } catch {
    // The folder comes with the first `ip netns add`.
    return [];
  }
}
