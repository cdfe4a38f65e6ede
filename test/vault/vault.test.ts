import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it, test, vi } from 'vitest';
import { parse } from 'yaml';
import { execute, exitOf } from '../../controller/commands/vault.ts';
import { withoutMarks } from '../../controller/source/json-marks.ts';
import { literalText } from '../../controller/source/literal.ts';
import { loadYaml } from '../../controller/source/load-yaml.ts';
import { compile } from '../../controller/template/compile.ts';
import { isDataMapping } from '../../controller/template/python/atom.ts';
import { encryptVault, openEnvelope } from '../../controller/vault/cipher.ts';
import { Keyring } from '../../controller/vault/keyring.ts';
import { hideSecrets, hideSecretsIn, rememberSecret } from '../../controller/vault/secret-texts.ts';
import { openValue, useKeyring, wasOpened } from '../../controller/vault/vault.ts';
import { OrchError } from '../../proto/errors.ts';
import { vaultFiles } from './vault-files.ts';

interface Case {
  readonly name: string;
  readonly secrets: readonly (readonly [id: string, password: string])[];
  readonly text: string;
  readonly plain?: string;
  readonly error?: string;
}

const keyringOf = (secrets: Case['secrets']) =>
  new Keyring(secrets.map(([id, password]) => ({ id, password: Buffer.from(password) })));

const recorded = parse(readFileSync(new URL('made-by-ansible.yml', import.meta.url), 'utf8')) as Case[];

test.each(recorded)('made by ansible-vault: $name', ({ secrets, text, plain, error }) => {
  const open = () => keyringOf(secrets).open(text).plain.toString('utf8');
  if (error === undefined) expect(open()).toBe(plain);
  else expect(open).toThrow(new RegExp(`^${error}$`));
});

test('what is encrypted opens again, whatever it is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.string({ minLength: 1 }), (bytes, password) => {
      const text = encryptVault(Buffer.from(bytes), Buffer.from(password), 'lab');
      expect(openEnvelope(text)).toMatchObject({ version: '1.2', id: 'lab' });
      expect(text.split('\n').every((line) => line.length <= 80)).toBe(true);
      expect([...keyringOf([['other', password]]).open(text).plain]).toEqual([...bytes]);
    }),
    { numRuns: 20 },
  );
});

test('a value that was encrypted is known', () => {
  useKeyring(keyringOf([['lab', 'pw']]));
  expect(openValue(encryptVault(Buffer.from('once'), Buffer.from('pw'), 'lab'))).toBe('once');
  expect(['once', 'never'].map(wasOpened)).toEqual([true, false]);
});

test("Ansible's JSON has an encrypted value as a mapping", () => {
  useKeyring(keyringOf([['lab', 'pw']]));
  const text = JSON.stringify({ a: [{ __ansible_vault: encryptVault(Buffer.from('in'), Buffer.from('pw'), 'lab') }] });
  expect(loadYaml(text, 'vars.json').documents[0]?.value).toEqual({ a: ['in'] });
  expect(withoutMarks(JSON.parse(text))).toEqual({ a: ['in'] });
});

test('what was encrypted is no template', () => {
  useKeyring(keyringOf([['lab', 'pw']]));
  const sealed = encryptVault(Buffer.from('a{{ b }}'), Buffer.from('pw'), 'lab');
  const yaml = `a: !vault |\n${sealed.replaceAll(/^(?=.)/gm, '  ')}`;
  const [read] = [loadYaml(yaml, 'vars.yml').documents[0]?.value].filter(isDataMapping);
  expect(literalText(String(read?.a))).toBe('a{{ b }}');
  expect(withoutMarks({ __ansible_vault: sealed })).toBe(read?.a);
});

test('what no password opens fails where it is rendered', () => {
  useKeyring(keyringOf([['lab', 'other']]));
  const sealed = withoutMarks({ a: { __ansible_vault: encryptVault(Buffer.from('in'), Buffer.from('pw'), 'a"}}') } });
  const [text] = isDataMapping(sealed) ? [String(sealed.a)] : [];
  const scope = { has: () => false, get: () => undefined, names: () => [] };
  expect(() => compile(text ?? '').render({ scope })).toThrow(
    "Attempt to use undecryptable variable: Decryption failed (no vault secrets were found that could decrypt) of the vault id 'a???'",
  );
});

const { at, read, vault } = vaultFiles();

async function withEditor(command: string, work: () => Promise<unknown>): Promise<void> {
  const editor = process.env.EDITOR;
  process.env.EDITOR = command;
  try {
    await work();
  } finally {
    if (editor === undefined) delete process.env.EDITOR;
    else process.env.EDITOR = editor;
  }
}

it('encrypts, rekeys with a client script, edits and decrypts files in place, for this user only', async () => {
  await vault('encrypt', ['vars.yml']);
  expect(read('vars.yml')).toMatch(/^\$ANSIBLE_VAULT;1\.1;AES256\n/);
  expect(statSync(at('vars.yml')).mode & 0o777).toBe(0o600);
  await expect(vault('encrypt', ['vars.yml'])).rejects.toThrow('input is already encrypted');
  await vault('rekey', ['vars.yml'], { 'new-vault-id': `lab@${at('new-client.sh')}` });
  expect(read('vars.yml')).toMatch(/^\$ANSIBLE_VAULT;1\.2;AES256;lab\n/);
  await expect(vault('decrypt', ['vars.yml'])).rejects.toThrow("could decrypt) of the vault id 'lab'");
  await withEditor('sed -i s/abc/def/', () =>
    vault('edit', ['vars.yml'], { 'vault-id': [`lab@${at('new-client.sh')}`] }),
  );
  await vault('decrypt', ['vars.yml'], { 'vault-id': [`lab@${at('new-client.sh')}`], output: at('plain.yml') });
  expect(read('plain.yml')).toBe('token: def\n');
});

it('writes what a symbolic link leads to, and leaves others their permissions where it was secret already', async () => {
  symlinkSync('vars.yml', at('link.yml'));
  await vault('encrypt', ['link.yml']);
  expect(readlinkSync(at('link.yml'))).toBe('vars.yml');
  expect(read('vars.yml')).toMatch(/^\$ANSIBLE_VAULT;/);
  chmodSync(at('vars.yml'), 0o640);
  await vault('rekey', ['link.yml'], { 'new-vault-id': `lab@${at('new-client.sh')}` });
  expect([readlinkSync(at('link.yml')), statSync(at('vars.yml')).mode & 0o777]).toEqual(['vars.yml', 0o640]);
  await vault('decrypt', ['link.yml'], { 'vault-id': [`lab@${at('new-client.sh')}`] });
  expect([read('vars.yml'), statSync(at('vars.yml')).mode & 0o777]).toEqual(['token: abc\n', 0o600]);
});

it('leaves what is edited its own id, whatever other one is named', async () => {
  const lab = `lab@${at('script')}`;
  await vault('encrypt', ['vars.yml'], { 'vault-id': [lab], 'encrypt-vault-id': 'lab' });
  const more = { 'vault-id': [lab, `other@${at('script')}`], 'encrypt-vault-id': 'other' };
  await withEditor('sed -i s/abc/def/', () => vault('edit', ['vars.yml'], more));
  await vault('decrypt', ['vars.yml'], { 'vault-id': [lab], output: at('plain.yml') });
  expect(read('plain.yml')).toBe('token: def\n');
  expect(read('vars.yml')).toMatch(/^\$ANSIBLE_VAULT;1\.2;AES256;lab\n/);
});

it('makes a vault of what an editor writes, where there is a terminal or none is needed', async () => {
  await expect(vault('create', ['folder/new.yml'])).rejects.toThrow('not a tty, editor cannot be opened');
  expect(existsSync(at('folder'))).toBe(false);
  await withEditor(`cp ${at('vars.yml')}`, () => vault('create', ['folder/new.yml'], { 'skip-tty-check': true }));
  await vault('decrypt', ['folder/new.yml']);
  expect(read('folder/new.yml')).toBe('token: abc\n');
});

it('starts the editor by words of a shell, with the extension of the file', async () => {
  await vault('encrypt', ['vars.yml']);
  await withEditor(`sh -c 'basename "$0" >"$0"; exit 3'`, () => vault('edit', ['vars.yml']));
  await vault('decrypt', ['vars.yml']);
  expect(read('vars.yml')).toBe('vault.yml\n');
  await vault('encrypt', ['vars.yml']);
  const killed = withEditor(`sh -c 'echo half >"$0"; kill -9 $$'`, () => vault('edit', ['vars.yml']));
  await expect(killed).rejects.toThrow('failed: SIGKILL');
});

// A byte that is a blank in Latin-1 is part of a letter in UTF-8; of what a script prints, only ends of lines go.
it.each([
  ['pw', Buffer.from(' voil\xc3\xa0 \t\r\n\v\f', 'latin1'), Buffer.from('voil\xc3\xa0', 'latin1')],
  ['pw', Buffer.from('\x85x\xa0\n\n', 'latin1'), Buffer.from('\x85x\xa0', 'latin1')],
  ['script', '#!/bin/sh\nprintf " two words \\t\\r\\n"\n', Buffer.from(' two words \t')],
])('takes the bytes of a password as Ansible does: %s %j', async (file, content, password) => {
  writeFileSync(at(file), content);
  await vault('encrypt', ['vars.yml'], { 'vault-password-file': [at(file)] });
  const keyring = new Keyring([{ id: 'default', password }]);
  expect(keyring.open(read('vars.yml')).plain.toString()).toBe('token: abc\n');
});

it('gives a password file that may be executed, and is no program, to no shell', async () => {
  writeFileSync(at('pw'), `touch ${at('ran')}\n`);
  chmodSync(at('pw'), 0o700);
  await expect(vault('encrypt', ['vars.yml'])).rejects.toThrow('may be executed and is no program');
  expect(existsSync(at('ran'))).toBe(false);
});

it('refuses what is not clear', async () => {
  await expect(vault('view', ['vars.yml'])).rejects.toThrow('Input is not vault encrypted data.');
  await expect(vault('view', ['absent.yml'])).rejects.toThrow('there is no such file');
  await expect(vault('create', ['vars.yml'])).rejects.toThrow("exists, please use 'edit' instead");
  expect(read('vars.yml')).toBe('token: abc\n');
  await expect(vault('encrypt', ['vars.yml'], { 'vault-id': [`lab@${at('script')}`] })).rejects.toThrow(
    'The vault-ids lab,default are available to encrypt.',
  );
  await expect(vault('encrypt', ['vars.yml'], { 'vault-password-file': [at('absent')] })).rejects.toThrow(
    'there is no such file',
  );
});

it('goes on without a password that is missing where there is another, and opens files of passwords with those before', async () => {
  await vault('encrypt', ['vars.yml'], { 'vault-password-file': [at('script')] });
  writeFileSync(at('other'), 'other99');
  await vault('encrypt', ['other']);
  await vault('decrypt', ['vars.yml'], { 'vault-password-file': [at('absent'), at('pw'), at('other')] });
  expect(read('vars.yml')).toBe('token: abc\n');
  const alone = vault('view', ['vars.yml'], { 'vault-password-file': [at('other')] });
  await expect(alone).rejects.toThrow('Attempting to decrypt but no vault secrets found');
});

it('tells a client script no id that nobody said', async () => {
  writeFileSync(at('all-client.sh'), '#!/bin/sh\necho "pw of $*"\n', { mode: 0o700 });
  await vault('encrypt', ['vars.yml'], { 'vault-password-file': undefined, 'vault-id': [at('all-client.sh')] });
  expect(
    keyringOf([['default', 'pw of ']])
      .open(read('vars.yml'))
      .plain.toString(),
  ).toBe('token: abc\n');
});

it('prints what has no end to its last line with one', async () => {
  writeFileSync(at('vars.yml'), 'a: 1');
  await vault('encrypt', ['vars.yml']);
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await vault('view', ['vars.yml']);
  const texts = written.mock.calls.map(([text]) => String(text));
  written.mockRestore();
  expect(texts).toEqual(['a: 1\n']);
});

it.each<[string, Readonly<Record<string, string | string[]>> & { 'vault-id'?: string[] }, number]>([
  ['encrypt', { 'vault-id': ['lab@script'] }, 5],
  ['encrypt', { 'encrypt-vault-id': 'unknown' }, 1],
  ['view', {}, 1],
])('ends as ansible-vault does: %s %j', async (action, options, code) => {
  const ids = options['vault-id']?.map((id) => id.replace('@', `@${at('.')}/`));
  const error = await vault(action, ['vars.yml'], { ...options, 'vault-id': ids }).catch((thrown: unknown) => thrown);
  expect(error instanceof OrchError && exitOf(error.code)).toBe(code);
});

it('encrypts a text as a value of YAML', async () => {
  const more = {
    name: ['token'],
    output: at('value.yml'),
    'vault-id': [`lab@${at('script')}`],
    'encrypt-vault-id': 'lab',
  };
  await execute({ action: 'encrypt_string', args: ['a b'], ...more });
  const [first, second] = read('value.yml').split('\n');
  expect([first, second]).toEqual(['token: !vault |', '          $ANSIBLE_VAULT;1.2;AES256;lab']);
});

it.each([
  ['as JSON has it', 'said "pa\\"ss /w@rd!\\\\" there', 'said "********" there'],
  ['as JSON of ASCII has it', 'said "gr\\u00fcn" there', 'said "********" there'],
  ['in a URL', 'https://u:pa%22ss%20%2Fw%40rd%21%5C@vm01/', 'https://u:********@vm01/'],
  ['by urlencode', 'https://u:pa%22ss%20/w%40rd%21%5C@vm01/', 'https://u:********@vm01/'],
  ['in a list of Python', `said ['pa"ss /w@rd!\\\\', 'it\\'s "one"'] there`, "said ['********', '********'] there"],
  ['in quotes of YAML', `said 'it''s "one"' there`, "said '********' there"],
  ['in quotes of a shell', `said 'it'"'"'s "one"' there`, "said '********' there"],
  ['in base64 with a line end', 'said aXQncyAib25lIgo= there', 'said ********go= there'],
  ['in base64 behind a name', 'said bTppdCdzICJvbmUi there', 'said bTp******** there'],
])('hides what was encrypted %s', (_, text, hidden) => {
  rememberSecret('pa"ss /w@rd!\\');
  rememberSecret('it\'s "one"');
  rememberSecret('grün');
  expect(hideSecrets(text)).toBe(hidden);
});

it('hides the lines of a large file that was encrypted, and the whole of it', () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `key_${index}: "a / value"`);
  rememberSecret(lines.join('\n'));
  expect(hideSecrets(`İ${lines.join('\n')}, ${lines[7]?.toUpperCase()}!`)).toBe('İ********, ********!');
  const others = 'key_7: "another"\n'.repeat(lines.length);
  expect(hideSecrets(others)).toBe(others);
});

it('hides the longest secret of those that start alike', () => {
  rememberSecret(['alike-1', 'alike-1-and', 'alike-1-and-more', 'alike-1-aside']);
  expect(hideSecrets('alike-1-and-more, alike-1-and-mo, alike-1-an, alike-')).toBe(
    '********, ********-mo, ********-an, alike-',
  );
});

it('hides what was encrypted, in texts and data', () => {
  rememberSecret({ a: 'Hunter2-x', b: [123456, true, 'root'], c: 'first long line\nsecond long line' });
  expect(hideSecrets('x HUNTER2-X root 123456')).toBe('x ******** root ********');
  expect(hideSecretsIn({ n: [123456, 7], t: 'at second long line', k: null })).toEqual({
    n: ['********', 7],
    t: 'at ********',
    k: null,
  });
});

test.runIf(process.env.ORCH_TEST_ALL === '1')(
  'ansible-vault opens what orch makes, and orch what it makes',
  async (context) => {
    if (spawnSync('ansible-vault', ['--version']).status !== 0) {
      context.skip('ansible-vault is not installed: apt-get install ansible-core');
    }
    const ansible = (...args: string[]) => execFileSync('ansible-vault', args, { encoding: 'utf8' });
    await vault('encrypt', ['vars.yml'], { 'vault-password-file': [], 'vault-id': [`lab@${at('script')}`] });
    expect(ansible('view', '--vault-id', `lab@${at('script')}`, at('vars.yml'))).toContain('token: abc');
    ansible('rekey', '--vault-id', `lab@${at('script')}`, '--new-vault-password-file', at('pw'), at('vars.yml'));
    await vault('decrypt', ['vars.yml']);
    expect(read('vars.yml')).toBe('token: abc\n');
  },
);
