import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, resolve } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { settings } from '../config/settings.ts';
import { askedSecret } from '../connect/prompt.ts';

/** A password, and the vault id that it belongs to. */
export interface VaultSecret {
  readonly id: string;
  readonly password: Buffer;
}

/** What the command line and the environment say about passwords. */
export interface VaultOptions {
  /** `id@source` or `source`; a source is a file, a script or `prompt`. */
  readonly ids: readonly string[];
  readonly passwordFiles: readonly string[];
  readonly ask: boolean;
}

export const defaultId = 'default';

/** What `--vault-id` names: an id, and where its password is. */
function splitId(text: string): { id: string; source: string } {
  const at = text.indexOf('@');
  return at < 0 ? { id: defaultId, source: text } : { id: text.slice(0, at) || defaultId, source: text.slice(at + 1) };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Seconds that a password script may take. */
const scriptSeconds = 60;

/** A script prints the password; one whose name ends in -client is told the id. */
function fromScript(path: string, id: string): Buffer {
  const client = /-client(?:\.[^.]*)?$/.test(basename(path));
  const { status, stdout, error } = spawnSync(path, client ? ['--vault-id', id] : [], {
    stdio: ['inherit', 'pipe', 'inherit'],
    timeout: scriptSeconds * 1000,
  });
  if (status === 0) return stdout;
  const reason = error ? error.message : `it ended with status ${status}`;
  throw new OrchError({ code: 'vault', summary: `the vault password script "${path}" failed: ${reason}` });
}

function fromFile(path: string, id: string): Buffer {
  const full = resolve(path.replace(/^~(?=\/|$)/, homedir()));
  let bytes: Buffer;
  try {
    if (statSync(full).isDirectory()) throw new Error('it is a folder');
    bytes = isExecutable(full) ? fromScript(full, id) : readFileSync(full);
  } catch (error) {
    if (error instanceof OrchError) throw error;
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = missing ? 'there is no such file' : error instanceof Error ? error.message : '';
    throw new OrchError({ code: 'vault', summary: `cannot read the vault password file "${path}": ${reason}` });
  }
  const password = Buffer.from(bytes.toString('latin1').trim(), 'latin1');
  if (password.length > 0) return password;
  throw new OrchError({ code: 'vault', summary: `the vault password file "${path}" holds no password` });
}

async function fromPrompt(id: string, confirm: boolean): Promise<Buffer> {
  const what = id === defaultId ? 'Vault password' : `Vault password (${id})`;
  const asked = (question: string) => askedSecret(question, 'Give it by --vault-password-file or --vault-id.')();
  const password = await asked(confirm ? `New ${what}` : what);
  if (password === '') throw new OrchError({ code: 'vault', summary: 'the vault password is empty' });
  if (confirm && (await asked(`Confirm new ${what}`)) !== password) {
    throw new OrchError({ code: 'vault', summary: 'the two vault passwords differ' });
  }
  return Buffer.from(password);
}

/**
 * Reads all passwords, those of files before those that a person types; `confirm` asks twice, for one that is new.
 * Throws OrchError for what can't be read.
 */
export async function readSecrets(options: VaultOptions, confirm = false): Promise<VaultSecret[]> {
  const sources = [
    ...options.ids.map(splitId),
    ...options.passwordFiles.map((source) => ({ id: defaultId, source })),
    ...(options.ask ? [{ id: defaultId, source: 'prompt' }] : []),
  ];
  const secrets: VaultSecret[] = [];
  for (const { id, source } of sources) {
    const asked = source === 'prompt' || source === 'prompt_ask_vault_pass';
    secrets.push({ id, password: asked ? await fromPrompt(id, confirm) : fromFile(source, id) });
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
  if (wrong !== undefined) throw new OrchError({ code: 'vault', summary: `"${wrong}" is no vault id: it holds a ';'` });
  const passwordFiles = texts(args['vault-password-file']);
  const ask = args['ask-vault-password'] === true || askVaultPass;
  const fallback = ids.length === 0 && passwordFiles.length === 0 && !ask && file ? [file] : [];
  return { ids, passwordFiles: [...passwordFiles, ...fallback], ask };
}
