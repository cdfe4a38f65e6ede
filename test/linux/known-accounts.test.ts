import type * as os from 'node:os';
import { afterEach, expect, test, vi } from 'vitest';
import { KnownAccounts } from '../../agent/linux/programs/known-accounts.ts';
import { ownUser } from '../../proto/own-user.ts';

/* A process whose user the system has no entry for, as in containers that are given any number. */

const number = 54_321;
vi.mock('node:os', async (load) => ({
  ...(await load<typeof os>()),
  userInfo: () => {
    throw new Error('ENOENT: no such file or directory, uv_os_get_passwd');
  },
}));
afterEach(() => vi.restoreAllMocks());

test('a user without an entry has its number for a name, and an account of its own', async () => {
  for (const ask of ['getuid', 'geteuid', 'getegid'] as const) vi.spyOn(process, ask).mockReturnValue(number);
  vi.stubEnv('HOME', '/builds');
  expect(ownUser()).toBe('54321');
  const accounts = new KnownAccounts();
  expect(await accounts.other(ownUser())).toEqual({ uid: number, gid: number, home: '/builds', shell: '/bin/sh' });
  expect(await accounts.idsOf(ownUser())).toBeUndefined();
  await expect(accounts.other('12345')).rejects.toMatchObject({ code: 'missing-object' });
});
