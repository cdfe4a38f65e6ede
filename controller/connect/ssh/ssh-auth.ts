import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import ssh2, { type AnyAuthMethod, type IdentityCallback, type ParsedKey } from 'ssh2';
import { OrchError } from '../../../proto/errors.ts';
import { askedSecret, canAsk } from '../asking/prompt.ts';
import type { Secret } from '../types.ts';
import type { SshSettings } from './ssh-settings.ts';

/** What to present to one sshd, and what came of it. */
export interface Credentials {
  /** The next method that `allowed` (undefined: not known yet) permits; undefined: none is left. */
  next(allowed: readonly string[] | undefined): Promise<AnyAuthMethod | undefined>;
  /** OrchError 'auth-failed' that tells all that was tried. */
  failure(host: string): OrchError;
}

// Asked once for each file in a process, however many hosts it opens.
const passphrases = new Map<string, Secret>();

/**
 * Methods in the order that costs least: plain key files when they were named, the ssh-agent, other key files,
 * encrypted ones (a person is asked, if there is one), the password.
 */
export function credentials(settings: SshSettings, keyFile: string | undefined, password?: Secret): Credentials {
  // sshd closes after six refused keys: one that was named must not stand behind all that an ssh-agent holds.
  const keysFirst = keyFile !== undefined || settings.identitiesOnly;
  const tried: string[] = [];
  const { user: username } = settings;
  let allowed: readonly string[] | undefined;
  const may = (method: string) => allowed === undefined || allowed.includes(method);

  async function* fromFiles(files: readonly KeyFile[]): AsyncGenerator<AnyAuthMethod> {
    for (const { path, key } of files) {
      if (key === undefined) continue;
      tried.push(`key ${path}${existsSync(`${path}-cert.pub`) ? ' (not its certificate: orch presents none)' : ''}`);
      yield { type: 'publickey', username, key };
    }
  }

  async function* fromAgent(files: readonly KeyFile[]): AsyncGenerator<AnyAuthMethod> {
    const agent = settings.identityAgent;
    if (agent === undefined) return;
    tried.push(`ssh-agent ${agent}`);
    const only = settings.identitiesOnly ? files.flatMap((file) => (file.shared ? [file.shared] : [])) : undefined;
    yield { type: 'agent', username, agent: new ListedAgent(agent, only) };
  }

  async function* fromEncrypted(files: readonly KeyFile[]): AsyncGenerator<AnyAuthMethod> {
    for (const { path, text } of files.filter((file) => file.encrypted)) {
      if (!canAsk()) {
        tried.push(`key ${path} (encrypted, and there is no terminal to ask for its passphrase; ssh-add it)`);
        continue;
      }
      const secret =
        passphrases.get(path) ?? askedSecret(`Passphrase for ${path}`, 'Give the key to ssh-agent: ssh-add.');
      passphrases.set(path, secret);
      const key = parseKey(text, await secret());
      tried.push(`key ${path}${key instanceof Error ? ' (wrong passphrase)' : ''}`);
      if (!(key instanceof Error)) yield { type: 'publickey', username, key };
    }
  }

  async function* fromPassword(secret: Secret): AsyncGenerator<AnyAuthMethod> {
    if (may('password')) {
      tried.push('password');
      yield { type: 'password', username, password: await secret() };
    }
    if (may('keyboard-interactive')) {
      const answer = await secret();
      tried.push('keyboard-interactive');
      yield {
        type: 'keyboard-interactive',
        username,
        // One question without echo is the password; anything else (a one-time code) nobody here can answer.
        prompt: (_name, _instructions, _lang, prompts, finish) =>
          finish(prompts.map((prompt) => (prompts.length === 1 && prompt.echo !== true ? answer : ''))),
      };
    }
  }

  async function* methods(): AsyncGenerator<AnyAuthMethod> {
    if (may('publickey')) {
      const files = await readKeys(settings.identityFiles, keysFirst, tried);
      if (keysFirst) yield* fromFiles(files);
      yield* fromAgent(files);
      if (!keysFirst) yield* fromFiles(files);
      yield* fromEncrypted(files);
    }
    if (password !== undefined) yield* fromPassword(password);
  }

  const order = methods();
  return {
    async next(left) {
      allowed = left;
      const { value } = await order.next();
      return value ?? undefined;
    },
    failure(host) {
      return new OrchError({
        code: 'auth-failed',
        summary: `${settings.hostname} accepts none of the credentials of user ${username}.`,
        detail: [
          `tried: ${tried.length > 0 ? tried.join(', ') : 'nothing (no key file, no ssh-agent, no password)'}`,
          ...(allowed ? [`the host allows: ${allowed.join(', ') || 'nothing'}`] : []),
        ].join('\n'),
        hint: tried.includes('password')
          ? 'Give the right password (--ask-pass), or name a key that the host takes (ansible_ssh_private_key_file).'
          : 'Name a key (ansible_ssh_private_key_file), load it with ssh-add, or give a password (--ask-pass).',
        where: { host },
      });
    },
  };
}

interface KeyFile {
  readonly path: string;
  readonly text: Buffer;
  readonly key: ParsedKey | undefined;
  readonly encrypted: boolean;
  /** Public half, where it is known. */
  readonly shared: Buffer | undefined;
}

async function readKeys(paths: readonly string[], named: boolean, tried: string[]): Promise<readonly KeyFile[]> {
  const files: KeyFile[] = [];
  for (const path of paths) {
    const text = await readFile(path).catch(() => undefined);
    if (text === undefined) {
      if (named) tried.push(`key ${path} (cannot be read)`);
      continue;
    }
    const key = parseKey(text);
    const encrypted = key instanceof Error && /encrypted|passphrase/i.test(key.message);
    if (key instanceof Error && !encrypted) tried.push(`key ${path} (unreadable: ${key.message})`);
    const beside = key instanceof Error ? await readFile(`${path}.pub`).catch(() => undefined) : undefined;
    const shared = key instanceof Error ? beside && parseKey(beside) : key;
    files.push({
      path,
      text,
      key: key instanceof Error ? undefined : key,
      encrypted,
      shared: shared === undefined || shared instanceof Error ? undefined : shared.getPublicSSH(),
    });
  }
  return files;
}

function parseKey(text: Buffer, passphrase?: string): ParsedKey | Error {
  // The types forget that a file may hold several keys.
  const parsed: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(text, passphrase);
  return Array.isArray(parsed) ? (parsed[0] ?? new Error('no key in it')) : parsed;
}

/** The user's ssh-agent; with `only`, just those of its keys (IdentitiesOnly). */
class ListedAgent extends ssh2.OpenSSHAgent {
  private readonly only: readonly Buffer[] | undefined;

  constructor(socket: string, only: readonly Buffer[] | undefined) {
    super(socket);
    this.only = only;
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    super.getIdentities((error, keys) => {
      const { only } = this;
      if (error || !keys || !only) return done(error, keys);
      done(
        undefined,
        keys.filter((key) => 'getPublicSSH' in key && only.some((wanted) => wanted.equals(key.getPublicSSH()))),
      );
    });
  }
}
