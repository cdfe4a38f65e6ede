import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { settings } from '../config/settings.ts';
import { askedSecret, askedText } from '../connect/asking/prompt.ts';
import { splitWords } from '../inventory/ini-words.ts';
import { encryptVault, isVault, openEnvelope } from './cipher.ts';
import type { Keyring, VaultSecret } from './keyring.ts';
import { defaultId } from './secrets.ts';

const fail = (summary: string, hint?: string): OrchError => new OrchError({ code: 'vault', summary, hint });

/** Of options that do not go together, or with what there is. */
const misused = (summary: string, hint?: string): OrchError => new OrchError({ code: 'invalid-option', summary, hint });

function readInput(file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw fail(`cannot read "${file}": ${missing ? 'there is no such file' : (error as Error).message}`);
  }
}

/**
 * Writes for this user only, or as `like` is; a file is replaced as a whole or not at all. What a symbolic link leads to is
 * written, not the link: else a plain text would stay there.
 */
function writeOutput(file: string, content: Buffer | string, like?: Stats): void {
  if (file === '-') {
    process.stdout.write(content);
    return;
  }
  const path = existsSync(file) ? realpathSync(file) : file;
  const folder = mkdtempSync(join(dirname(path), '.orch-vault-'));
  try {
    const fresh = join(folder, 'new');
    writeFileSync(fresh, content, { mode: 0o600 });
    if (like !== undefined) {
      if (process.getuid?.() === 0) chownSync(fresh, like.uid, like.gid);
      chmodSync(fresh, like.mode & 0o777);
    }
    renameSync(fresh, path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function seal(plain: Buffer, { id, password }: VaultSecret): string {
  const { vaultEncryptSalt: salt } = settings();
  return encryptVault(
    plain,
    password,
    id === defaultId ? undefined : id,
    salt === undefined ? undefined : Buffer.from(salt),
  );
}

const newline = 0x0a;

function orStdin(files: readonly string[], what: string): readonly string[] {
  if (files.length > 0) return files;
  if (process.stdin.isTTY) process.stderr.write(`Reading ${what} input from stdin\n`);
  return ['-'];
}

function needFiles(files: readonly string[], action: string): void {
  if (files.length === 0) throw misused(`name the files to ${action}`);
}

/** Says something to a person who looks on: output that goes elsewhere has no words around it. */
export function tellOnTerminal(words: string): void {
  if (process.stdout.isTTY) process.stderr.write(`${words}\n`);
}

/** Encrypts files in place, or stdin to stdout. */
export function sealFiles(files: readonly string[], secret: VaultSecret, output: string | undefined): void {
  for (const file of orStdin(files, 'plaintext')) {
    const plain = readInput(file);
    if (isVault(plain.toString('latin1'))) throw fail(`input is already encrypted: ${file}`);
    writeOutput(output ?? file, seal(plain, secret));
  }
}

function opened(file: string, keyring: Keyring): { plain: Buffer; secret: VaultSecret; id: string | undefined } {
  const text = readInput(file).toString('latin1');
  if (!isVault(text)) throw fail(`Input is not vault encrypted data. for ${file}`);
  try {
    return { ...keyring.open(text), id: openEnvelope(text)?.id };
  } catch (error) {
    if (error instanceof OrchError) throw fail(`${file}: ${error.summary}`, error.hint);
    throw error;
  }
}

/** Decrypts files in place, or stdin to stdout. */
export function openFiles(files: readonly string[], keyring: Keyring, output: string | undefined): void {
  for (const file of orStdin(files, 'ciphertext')) writeOutput(output ?? file, opened(file, keyring).plain);
}

/** Prints files decrypted, each with an end to its last line. */
export function viewFiles(files: readonly string[], keyring: Keyring): void {
  needFiles(files, 'view');
  for (const file of files) {
    const { plain } = opened(file, keyring);
    process.stdout.write(plain.at(-1) === newline ? plain : Buffer.concat([plain, Buffer.of(newline)]));
  }
}

/** Encrypts files anew, each with the new password and its id. */
export function rekeyFiles(files: readonly string[], keyring: Keyring, fresh: VaultSecret): void {
  needFiles(files, 'rekey');
  for (const file of files) writeOutput(file, seal(opened(file, keyring).plain, fresh), statSync(file));
}

/** What keys of a terminal send to this process as to the editor: what it means there, the editor decides. */
const fromKeys = ['SIGINT', 'SIGQUIT'] as const;

/** What is to end this process, and the editor with it. */
const endings = ['SIGTERM', 'SIGHUP'] as const;

/** From these to SIGKILL. */
const graceMs = 2000;

/** Why a program could not be started, or what killed it. As in Ansible, whatever status it ends with, what it wrote counts. */
function troubleOf(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('exit', (_, signal) => resolve(signal ?? undefined));
  });
}

/** The words of the editor's command, Ansible's setting; others than it know VISUAL. */
function editorCommand(): readonly string[] {
  const { EDITOR, VISUAL } = process.env;
  const command = EDITOR ?? settings().editor ?? VISUAL ?? 'vi';
  try {
    return splitWords(command, false).map(({ text }) => text);
  } catch (error) {
    throw fail(`the editor ${command} is no command: ${(error as Error).message}`, 'set $EDITOR');
  }
}

/**
 * What a person's editor makes of a text; the file it edits is theirs alone, and gone afterwards. No signal ends this process
 * before the editor: the plain text would stay. `like`: a file whose extension it has.
 */
async function edited(plain: Buffer, like: string): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'orch-vault-'));
  let child: ChildProcess | undefined;
  let ending: NodeJS.Signals | undefined;
  const hear = (): void => undefined;
  const end = (signal: NodeJS.Signals): void => {
    ending = signal;
    child?.kill(signal);
    setTimeout(() => child?.kill('SIGKILL'), graceMs).unref();
  };
  for (const signal of fromKeys) process.on(signal, hear);
  for (const signal of endings) process.on(signal, end);
  try {
    const file = join(folder, `vault${extname(like)}`);
    writeFileSync(file, plain, { mode: 0o600 });
    const [editor = 'vi', ...args] = editorCommand();
    child = spawn(editor, [...args, file], { stdio: 'inherit' });
    const trouble = await troubleOf(child);
    if (trouble !== undefined) throw fail(`the editor ${editor} failed: ${trouble}`, 'set $EDITOR');
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    if (ending !== undefined) process.exit(128 + constants.signals[ending]);
    for (const signal of fromKeys) process.off(signal, hear);
    for (const signal of endings) process.off(signal, end);
  }
}

/** Opens a vault in $EDITOR; written again, with its own password and id, only when it was changed. */
export async function editFile(file: string, keyring: Keyring): Promise<void> {
  const { plain, secret, id } = opened(file, keyring);
  const fresh = await edited(plain, realpathSync(file));
  if (fresh.equals(plain)) return;
  writeOutput(file, seal(fresh, { id: id ?? defaultId, password: secret.password }), statSync(file));
}

/** Opens an empty text in $EDITOR, and writes a vault of what becomes of it; `always`: without a terminal, too. */
export async function createFile(files: readonly string[], secret: VaultSecret, always: boolean): Promise<void> {
  const [file, ...more] = files;
  if (file === undefined || more.length > 0) throw misused('ansible-vault create can take only one filename argument');
  if (existsSync(file)) throw fail(`${file} exists, please use 'edit' instead`);
  if (process.stdout.isTTY !== true && !always) {
    throw misused(
      'not a tty, editor cannot be opened',
      '--skip-tty-check, where $EDITOR needs none; or encrypt a file',
    );
  }
  const made = mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (made !== undefined) process.stderr.write(`[WARNING]: ${dirname(file)} does not exist, creating...\n`);
  writeOutput(file, seal(await edited(Buffer.alloc(0), file), secret));
}

interface StringOptions {
  readonly names: readonly string[];
  readonly stdinName: string | undefined;
  /** Asks for a name and a text, which `showInput` lets be seen while it is typed. */
  readonly prompt: boolean;
  readonly showInput: boolean;
}

interface Plain {
  readonly text: string;
  readonly name: string | undefined;
  readonly from: string;
}

async function plainStrings(
  words: readonly string[],
  { names, stdinName, prompt, showInput }: StringOptions,
): Promise<Plain[]> {
  const texts = words.filter((word) => word !== '-');
  const strings: Plain[] = [];
  const fromStdin = words.includes('-') || stdinName !== undefined || (words.length === 0 && !prompt);
  if (prompt && fromStdin) throw misused('The --prompt option is not supported if also reading input from stdin');
  if (prompt) {
    const name = await askedText('Variable name (enter for no name)', true);
    const text = await (showInput
      ? askedText('String to encrypt', true)
      : askedSecret('String to encrypt (hidden)', 'Give it as an argument, or on stdin.')());
    strings.push({ text, name: name === '' ? undefined : name, from: 'the interactive prompt' });
  }
  if (fromStdin) {
    tellOnTerminal(
      'Reading plaintext input from stdin. (ctrl-d to end input, twice if your content does not already have a newline)',
    );
    strings.push({ text: readInput('-').toString('utf8'), name: stdinName, from: 'stdin' });
  }
  const last = names.at(-1);
  if (last !== undefined && names.length < texts.length) {
    process.stderr.write('The number of --name options do not match the number of args.\n');
    process.stderr.write(`The last named variable will be "${last}". The rest will not have names.\n`);
  }
  strings.push(...texts.map((text, index) => ({ text, name: names[index], from: 'the command line args' })));
  const empty = strings.find(({ text }) => text === '');
  if (empty) throw misused(`The plaintext provided from ${empty.from} was empty, not encrypting`);
  return strings;
}

/** Encrypts texts as values for a YAML file. */
export async function encryptStrings(
  words: readonly string[],
  options: StringOptions,
  secret: VaultSecret,
  output: string | undefined,
): Promise<void> {
  const strings = await plainStrings(words, options);
  const blocks = strings.map(({ text, name }) => {
    const lines = seal(Buffer.from(text), secret).trimEnd().split('\n');
    return [`${name === undefined ? '' : `${name}: `}!vault |`, ...lines.map((line) => ' '.repeat(10) + line)].join(
      '\n',
    );
  });
  if (strings.length > 1) {
    strings.forEach(({ name, from }, index) => {
      const which = `the string #${index + 1} from ${from}`;
      const what = name === undefined ? `${which}.` : `variable ("${name}", ${which}).`;
      process.stderr.write(`# The encrypted version of ${what}\n`);
    });
  }
  writeOutput(output ?? '-', `${blocks.join('\n')}\n`);
}
