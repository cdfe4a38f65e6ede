import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { filedSecret } from '../../controller/connect/asking/password-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'orch-password-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string, mode: number): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode });
  return path;
}

test('the first line of a file, or of what a script prints', async () => {
  expect(await filedSecret(file('plain', 'one\ntwo\n', 0o600), 'sudo password')()).toBe('one');
  expect(await filedSecret(file('script', '#!/bin/sh\necho told\n', 0o700), 'sudo password')()).toBe('told');
});

test('blanks around it are those that a script prints', async () => {
  expect(await filedSecret(file('blanks', ' one \r\ntwo\n', 0o600), 'sudo password')()).toBe('one ');
  expect(await filedSecret(file('script', "#!/bin/sh\nprintf '\\n one \\r\\n'\n", 0o700), 'sudo password')()).toBe(
    ' one ',
  );
});

test.each([
  ['secret\n', 'chmod -x'],
  ['\uFEFF#!/bin/sh\necho told\n', 'byte order mark'],
])('what may be executed and is no program: %j', async (text, hint) => {
  const read = filedSecret(file('marked', text, 0o700), 'sudo password');
  await expect(read()).rejects.toMatchObject({ hint: expect.stringContaining(hint) });
});

test('a folder is no file of a password', async () => {
  await expect(filedSecret(folder, 'SSH password')()).rejects.toMatchObject({ code: 'invalid-option' });
});

test('a file that is not there is an error at once, an empty one when it is needed', async () => {
  expect(() => filedSecret(join(folder, 'none'), 'SSH password')).toThrow('there is no such file');
  await expect(filedSecret(file('empty', '\n', 0o600), 'SSH password')()).rejects.toThrow('it holds none');
});
