import { spawnSync } from 'node:child_process';
import { constants, readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { settings } from '../config/settings.ts';
import { askedSecret } from '../connect/asking/prompt.ts';
import { mayUse, notExecutableHint, startsAsProgram } from '../file-access.ts';
import { expandedPath } from '../paths.ts';
import { isVault } from './cipher.ts';
import { Keyring, type VaultSecret } from './keyring.ts';

/** What the command line and the environment say about passwords. */
export interface VaultOptions {
  /** `id@source` or `source`; a source is a file, a script or `prompt`. */
  readonly ids: readonly string[];
  readonly passwordFiles: readonly string[];
  readonly ask: boolean;
}

/** Of a password that has no name: what it encrypts names none. */
export const defaultId = 'default';

/** Where the password of an id is. */
interface Source {
  readonly id: string;
  readonly source: string;
  /** A script is told no id that nobody said. */
  readonly isSaid: boolean;
}

/** What `--vault-id` names. */
function splitId(text: string): Source {
  const at = text.indexOf('@');
  const said = text.slice(0, Math.max(at, 0));
  return { id: said || settings().vaultIdentity, source: text.slice(at + 1), isSaid: said !== '' };
}

/** As in Ansible a password file without an id has that of the settings. */
const unnamed = (source: string): Source => ({ id: settings().vaultIdentity, source, isSaid: true });

/** Seconds that a password script may take. */
const scriptSeconds = 60;

/** A script prints the password; one whose name ends in -client is told the id, if there is one. */
function fromScript(path: string, id: string | undefined): Buffer {
  if (!startsAsProgram(path)) {
    const summary = `the vault password file "${path}" may be executed and is no program`;
    throw new OrchError({ code: 'vault', summary, hint: notExecutableHint(path) });
  }
  const client = /-client(?:\.[^.]*)?$/.test(basename(path));
  const { status, stdout, error } = spawnSync(path, client && id !== undefined ? ['--vault-id', id] : [], {
    stdio: ['inherit', 'pipe', 'inherit'],
    timeout: scriptSeconds * 1000,
    killSignal: 'SIGKILL',
  });
  if (status === 0) return stdout;
  const reason = error ? error.message : `it ended with status ${status}`;
  throw new OrchError({ code: 'vault', summary: `the vault password script "${path}" failed: ${reason}` });
}

const blanks = Buffer.from(' \t\n\r\v\f');
const lineEnds = Buffer.from('\r\n');

/** Bytes without those at both ends that are some of `ends`: what is a letter in UTF-8 may have a blank of another encoding in it. */
function trimmed(bytes: Buffer, ends: Buffer): Buffer {
  const start = bytes.findIndex((byte) => !ends.includes(byte));
  return start < 0 ? Buffer.alloc(0) : bytes.subarray(start, bytes.findLastIndex((byte) => !ends.includes(byte)) + 1);
}

/** As in Ansible blanks go from both ends of a file; of what a script prints, or a file had encrypted, only ends of lines. */
function written(file: Buffer, before: readonly VaultSecret[]): Buffer {
  const bytes = trimmed(file, blanks);
  const text = bytes.toString('latin1');
  return trimmed(isVault(text) ? new Keyring(before).open(text).plain : bytes, lineEnds);
}

/** A file may be encrypted itself, with one of the passwords before it. */
function fromFile(path: string, id: string | undefined, before: readonly VaultSecret[]): Buffer {
  const full = resolve(expandedPath(path));
  let password: Buffer;
  try {
    if (statSync(full).isDirectory()) throw new Error('it is a folder');
    password = mayUse(full, constants.X_OK)
      ? trimmed(fromScript(full, id), lineEnds)
      : written(readFileSync(full), before);
  } catch (error) {
    if (error instanceof OrchError) throw error;
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = missing ? 'there is no such file' : error instanceof Error ? error.message : '';
    throw new OrchError({ code: 'vault', summary: `cannot read the vault password file "${path}": ${reason}` });
  }
  if (password.length > 0) return password;
  throw new OrchError({ code: 'vault', summary: `the vault password file "${path}" holds no password` });
}

/** The source that --ask-vault-pass is: its questions tell no id. */
const askedPass = 'prompt_ask_vault_pass';

/** Ansible's questions, which tools that answer them wait for: for a password that there is, for a new one, and once more. */
function questions(id: string, source: string): readonly [string, string, string] {
  if (source === askedPass) return ['Vault password', 'New Vault password', 'Confirm New Vault password'];
  return [`Vault password (${id})`, `New vault password (${id})`, `Confirm new vault password (${id})`];
}

async function fromPrompt(id: string, source: string, confirm: boolean): Promise<Buffer> {
  const [present, fresh, again] = questions(id, source);
  const asked = async (question: string) => {
    try {
      return await askedSecret(question, 'Give it by --vault-password-file or --vault-id.')();
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      throw new OrchError({ code: 'vault', summary: error.summary, hint: error.hint });
    }
  };
  const password = await asked(confirm ? fresh : present);
  if (password === '') throw new OrchError({ code: 'vault', summary: 'the vault password is empty' });
  if (confirm && (await asked(again)) !== password) {
    throw new OrchError({ code: 'vault', summary: 'the two vault passwords differ' });
  }
  return Buffer.from(password);
}

/**
 * Reads all passwords, those of files before those that a person types; `confirm` asks twice, for one that is new.
 * As in Ansible, what can't be read is warned of where there is another one, and an OrchError else.
 */
export async function readSecrets(options: VaultOptions, confirm = false): Promise<VaultSecret[]> {
  const sources = [
    ...options.ids.map(splitId),
    ...options.passwordFiles.map(unnamed),
    ...(options.ask ? [unnamed(askedPass)] : []),
  ];
  const secrets: VaultSecret[] = [];
  const failed: { readonly id: string; readonly error: OrchError }[] = [];
  for (const { id, source, isSaid } of sources) {
    const asked = source === 'prompt' || source === askedPass;
    try {
      const password = asked
        ? await fromPrompt(id, source, confirm)
        : fromFile(source, isSaid ? id : undefined, secrets);
      secrets.push({ id, password });
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      failed.push({ id, error });
    }
  }
  const last = failed.at(-1);
  if (secrets.length === 0 && last) throw last.error;
  for (const { id, error } of failed) {
    process.stderr.write(`[WARNING]: Error getting vault password (${id}): ${error.summary}\n`);
  }
  return secrets;
}

/** Options of `--vault-id` and its like, with what the environment adds where none is given. */
export function readVaultOptions(args: Readonly<Record<string, unknown>>): VaultOptions {
  const texts = (value: unknown): string[] =>
    (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
  const { vaultIdentityList, vaultPasswordFile: file, askVaultPass } = settings();
  const ids = [...vaultIdentityList, ...texts(args['vault-id'])];
  const wrong = ids.find((id) => splitId(id).id.includes(';'));
  if (wrong !== undefined) {
    const summary = `'${wrong}' is not a valid vault id. The character ';' is not allowed in vault ids`;
    throw new OrchError({ code: 'invalid-option', summary });
  }
  const passwordFiles = texts(args['vault-password-file']);
  const ask = args['ask-vault-password'] === true || askVaultPass;
  return { ids, passwordFiles: [...passwordFiles, ...(file === undefined ? [] : [file])], ask };
}
