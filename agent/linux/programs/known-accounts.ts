import { OrchError } from '../../../proto/errors.ts';
import { ownUser } from '../../../proto/own-user.ts';
import { type Account, findGroup, findGroups, findUser } from './accounts.ts';

/** Users and groups of this host, each looked up once, until something may have changed them. */
export class KnownAccounts {
  private readonly users = new Map<string, Promise<Account | undefined>>();
  private readonly groups = new Map<string, Promise<number | undefined>>();
  private readonly memberships = new Map<string, Promise<readonly number[]>>();

  user(name: string): Promise<Account | undefined> {
    return remembered(this.users, name, async () => (await findUser(name)) ?? unlisted(name));
  }

  group(name: string): Promise<number | undefined> {
    return remembered(this.groups, name, findGroup);
  }

  /** Undefined for root, whose the agent is. Throws OrchError where there is no such user. */
  async other(name: string | undefined): Promise<Account | undefined> {
    if (name === undefined || name === 'root') return undefined;
    const account = await this.user(name);
    if (account !== undefined) return account;
    throw new OrchError({ code: 'missing-object', summary: `The host has no user ${name}.` });
  }

  /** Of a user, its group, and all its groups; undefined: the agent itself has the user's rights. Throws OrchError as `other`. */
  async idsOf(name: string | undefined): Promise<readonly number[] | undefined> {
    const account = await this.other(name);
    if (account === undefined || account.uid === process.geteuid?.()) return undefined;
    return [account.uid, account.gid, ...(await remembered(this.memberships, name ?? '', findGroups))];
  }

  forget(): void {
    this.users.clear();
    this.groups.clear();
    this.memberships.clear();
  }
}

/** The agent's own user, where the system has no entry for it. */
function unlisted(name: string): Account | undefined {
  const [uid, gid] = [process.geteuid?.(), process.getegid?.()];
  if (uid === undefined || gid === undefined || name !== ownUser()) return undefined;
  return { uid, gid, home: process.env.HOME ?? '/', shell: '/bin/sh' };
}

function remembered<T>(known: Map<string, Promise<T>>, name: string, find: (name: string) => Promise<T>): Promise<T> {
  const present = known.get(name) ?? find(name);
  known.set(name, present);
  return present;
}
