import { execute } from './exec.ts';

/** One line of the passwd or group database by name, split into its fields (getent(1)); undefined when unknown. */
async function entry(database: 'passwd' | 'group', name: string): Promise<readonly string[] | undefined> {
  if (!/^[^-:\s][^:\s]*$/.test(name)) return undefined;
  const result = await execute({ argv: ['getent', database, name] }, { timeoutMs: 10_000 });
  return result.status === 0 ? result.stdout.trimEnd().split(':') : undefined;
}

export interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/** A user by name or number. */
export async function findUser(name: string): Promise<Account | undefined> {
  const fields = await entry('passwd', name);
  const [, , uid, gid, , home = '/', shell = '/bin/sh'] = fields ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid), home, shell };
}

/** The gid of a group by name or number. */
export async function findGroup(name: string): Promise<number | undefined> {
  const gid = (await entry('group', name))?.[2];
  return gid === undefined ? undefined : Number(gid);
}

/** The gids of all groups that a user is in. */
export async function findGroups(user: string): Promise<readonly number[]> {
  const { stdout } = await execute({ argv: ['id', '-G', '--', user] }, { timeoutMs: 10_000 });
  return stdout.split(/\s+/).filter(Boolean).map(Number);
}
