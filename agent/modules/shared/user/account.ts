import type { Host } from '../../../linux/host.ts';
import { unlessRefused } from '../files/refused.ts';

/** A user as the host knows it. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly comment: string;
  readonly home: string;
  readonly shell: string;
  /** Name of the first group, or its number where it has none. */
  readonly group: string;
  /** Names of all other groups, sorted. */
  readonly groups: readonly string[];
  /** Of shadow(5): the hash, and days; absent where the host keeps no such file. */
  readonly shadow?: Shadow | undefined;
}

export interface Shadow {
  readonly hash: string;
  readonly min: string;
  readonly max: string;
  readonly warn: string;
  /** Days after the end of the password that the account is closed; empty: never. */
  readonly inactive: string;
  /** Days since 1970 after which nobody can log in as this user; empty: never. */
  readonly expires: string;
}

const read = { onlyReads: true } as const;

/** The words of getent(1) that ask the host's own files alone, where the task is about those. */
export function ofFiles(local: boolean): readonly string[] {
  return local ? ['-s', 'files'] : [];
}

/** The user of a name; undefined when there is none. Asks getent(1) and id(1), and reads /etc/shadow. */
export async function readAccount(host: Host, name: string, local: boolean): Promise<Account | undefined> {
  const { status, stdout } = await host.exec({ argv: ['getent', ...ofFiles(local), 'passwd', name] }, read);
  if (status !== 0) return undefined;
  const [, , uid, gid, comment = '', home = '/', shell = ''] = stdout.trimEnd().split(':');
  const group = (await host.exec({ argv: ['id', '-gn', name] }, read)).stdout.trim();
  const all = (await host.exec({ argv: ['id', '-Gn', name] }, read)).stdout.trim().split(/\s+/);
  const groups = all.filter((each) => each !== group && each !== '').toSorted();
  const shadow = await readShadow(host, name);
  return { uid: Number(uid), gid: Number(gid), comment, home, shell, group, groups, shadow };
}

/** Undefined, too, where the agent is not root's and may not know. */
async function readShadow(host: Host, name: string): Promise<Shadow | undefined> {
  const text = (await unlessRefused(host.readFile('/etc/shadow')))?.toString('utf8') ?? '';
  const line = text.split('\n').find((each) => each.startsWith(`${name}:`));
  if (line === undefined) return undefined;
  const [, hash = '', , min = '', max = '', warn = '', inactive = '', expires = ''] = line.split(':');
  return { hash, min, max, warn, inactive, expires };
}
