import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { execute } from '../../controller/commands/vars.ts';
import { rememberSecret } from '../../controller/vault/secret-texts.ts';

const folder = join(import.meta.dirname, 'vars');

afterEach(() => vi.restoreAllMocks());

/** What the command prints, without the folder. */
async function told(words: Readonly<Record<string, unknown>>): Promise<string> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await execute({ inventory: [join(folder, 'hosts.yml')], ...words });
  return write.mock.calls.map(([text]) => String(text).replaceAll(`${folder}/`, '')).join('');
}

test('all variables of a host, with what wins and what loses', async () => {
  const playbook = join(folder, 'play.yml');
  const text = await told({ host: 'vm01', playbook, extraVars: ['site=three'] });
  expect(text).toBe(readFileSync(join(folder, 'expected.txt'), 'utf8'));
});

test('one variable, of the inventory alone', async () => {
  const text = await told({ host: 'vm02', name: 'mtu' });
  expect(text).toBe('mtu: 1400\n  won   group_vars/web.yml:1:6  group web\n  lost  hosts.yml:2:16  group all: 1500\n');
});

test('of a long secret nothing is told', async () => {
  const secret = 'x'.repeat(200);
  rememberSecret(secret);
  expect(await told({ host: 'vm02', name: 'token', extraVars: [JSON.stringify({ token: secret })] })).toMatch(
    /^token: \*{8}\n/,
  );
});

test.each([
  [{ host: 'vm1' }, /no host "vm1"/],
  [{ host: 'localhost', playbook: join(folder, 'play.yml') }, /No play of .*play.yml has the host "localhost"/],
  [{ host: 'vm02', name: 'mtuu' }, /Nothing says the variable "mtuu" for vm02/],
])('%o is refused', async (words, message) => {
  await expect(told(words)).rejects.toThrow(message);
});
