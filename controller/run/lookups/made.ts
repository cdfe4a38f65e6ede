import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exactJson } from '../../../proto/exact-json.ts';
import { basicHeader, type Login } from '../../../proto/login.ts';
import { loginFor } from '../../../proto/netrc.ts';
import { fromHome } from '../../source/from-home.ts';
import { hashPassword, newSalt, usualIdent } from '../../template/formats/password-hash.ts';
import { PythonRandom } from '../../template/python/python-random.ts';
import type { Lookup, Scope } from '../../template/types.ts';
import { randomString } from './random-string.ts';
import { isYes, listOf, lookupError, readTerm, textOption } from './terms.ts';

const [digits, letters, punctuation, whitespace] = [
  '0123456789',
  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ',
  '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
  ' \t\n\r\v\f',
];
const sets: Readonly<Record<string, string>> = {
  ascii_lowercase: 'abcdefghijklmnopqrstuvwxyz',
  ascii_uppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  ascii_letters: letters,
  digits,
  hexdigits: '0123456789abcdefABCDEF',
  octdigits: '01234567',
  punctuation,
  whitespace,
  printable: digits + letters + punctuation + whitespace,
};

/** What `chars` says in a term: names of sets and characters, and a comma for two commas anywhere. */
function termCharacters(chars: string): readonly string[] {
  const names = chars.replaceAll(',,', ',').split(',');
  return chars.includes(',,') ? [',', ...names] : names;
}

/** The characters to choose from, as often as they are said; as in Ansible, without quotes. */
function charactersOf(chars: unknown): string {
  const said = typeof chars === 'string' ? chars.split(',').map((name) => name.trim()) : chars;
  const names = said === undefined ? ['ascii_letters', 'digits', '.,:-_'] : listOf(said).map(String);
  const all = names.map((name) => (Object.hasOwn(sets, name) ? sets[name] : name)).join('');
  return all.replace(/["']/g, '');
}

/** What a file of a password says: the password, and by what its hash was made. */
interface KeptPassword {
  readonly plain: string;
  readonly salt?: string | undefined;
  readonly ident?: string | undefined;
}

function readKept(file: string): KeptPassword | undefined {
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8').trimEnd();
  const [, plain = '', salt, ident] = /^([\s\S]*?)(?: salt=(\S+))?(?: ident=(\S+))?$/.exec(text) ?? [];
  return { plain, salt, ident };
}

function writeKept(file: string, { plain, salt, ident }: KeptPassword): void {
  const said = { salt, ident };
  const parts = Object.entries(said).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${[plain, ...parts].join(' ')}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
}

/** A password that is kept in a file, made when there is none; with `encrypt` its hash, by a salt that is kept too. */
function password(term: unknown, given: Readonly<Record<string, unknown>>, folder: string): string {
  const { rest, options } = readTerm(term, ['length', 'chars', 'encrypt', 'ident', 'seed']);
  const unknown = [...rest.matchAll(/\s(\w+)=/g)].map(([, name]) => name);
  if (unknown.length > 0) {
    throw lookupError('password', `Unrecognized parameter(s) given to password lookup: ${unknown.join(', ')}`);
  }
  // As in Ansible, a term that has options has all of them.
  const option = (name: string) => (options.size > 0 ? options.get(name) : given[name]);
  const chars = options.get('chars');
  const textOf = (name: string) => (option(name) === undefined ? undefined : textOption(option(name), ''));
  const file = rest === '/dev/null' ? undefined : resolve(folder, fromHome(rest));
  const kept = file === undefined ? undefined : readKept(file);
  const characters = charactersOf(chars === undefined ? option('chars') : termCharacters(chars));
  const length = Number(textOption(option('length'), '20'));
  if (!Number.isInteger(length) || length < 1 || length > 4096) throw lookupError('password', `no length: ${length}`);
  const seed = option('seed');
  const seeded = seed === undefined ? undefined : new PythonRandom(String(seed));
  const pick = () => (seeded ? Number(seeded.below(BigInt(characters.length))) : randomInt(characters.length));
  const plain = kept?.plain ?? Array.from({ length }, () => characters[pick()] ?? '').join('');
  const [encrypt, asked] = [textOf('encrypt') || undefined, textOf('ident')];
  if (encrypt === undefined) {
    if (file !== undefined && kept === undefined) writeKept(file, { plain });
    return plain;
  }
  const salt = kept?.salt ?? newSalt(encrypt);
  if (asked !== undefined && kept?.ident !== undefined && asked !== kept.ident)
    throw lookupError('password', `the ident is ${asked}, and ${kept.ident} in ${rest}`);
  const ident = kept?.ident ?? asked ?? usualIdent(encrypt);
  if (file !== undefined && (salt !== kept?.salt || ident !== kept.ident)) writeKept(file, { plain, salt, ident });
  return hashPassword(plain, encrypt, { salt, ident });
}

const fetching = `
let input = '';
process.stdin.on('data', (part) => { input += part; });
process.stdin.on('end', async () => {
  const { url, method, headers, body, redirect, timeout } = JSON.parse(input);
  const reply = await fetch(url, { method, headers, body, redirect, signal: AbortSignal.timeout(timeout) });
  if (reply.ok) return process.stdout.write(await reply.text());
  console.error('HTTP Error ' + reply.status + ': ' + reply.statusText);
  process.exitCode = 2;
});
process.on('uncaughtException', (error) => { console.error(String(error.cause ?? error)); process.exit(1); });
process.on('unhandledRejection', (error) => { console.error(String(error.cause ?? error)); process.exit(1); });
`;

/** What is not given but said by a variable, or the environment. */
function saidOf(name: string, scope: Scope): unknown {
  const variable = `ansible_lookup_url_${name}`;
  return scope.has(variable) ? scope.get(variable) : process.env[variable.toUpperCase()];
}

/** Who asks: the lookup says it, or the netrc file (NETRC, ~/.netrc). */
function loginOf(url: string, options: Readonly<Record<string, unknown>>, scope: Scope): Login | undefined {
  const { username: user, password: secret } = options;
  if (user !== undefined) return { user: String(user), password: textOption(secret, '') };
  const file = process.env.NETRC ?? join(homedir(), '.netrc');
  const asks = isYes(options.use_netrc ?? saidOf('use_netrc', scope), true) && URL.canParse(url);
  if (!asks || !existsSync(file)) return undefined;
  return loginFor(readFileSync(file, 'utf8'), new URL(url).hostname);
}

/** The lines of a page. Templates can't wait, so that another process does. */
function page(url: unknown, options: Readonly<Record<string, unknown>>, scope: Scope): string[] {
  const address = String(url);
  if (address.startsWith('file://')) return linesOf(localPage(address), options);
  const headers: Record<string, string> = {
    'user-agent': textOption(options.http_agent ?? saidOf('agent', scope), 'ansible-httpget'),
    ...(options.headers as Readonly<Record<string, string>> | undefined),
  };
  const login = loginOf(address, options, scope);
  if (login) headers.authorization = basicHeader(login);
  const timeout = Number(textOption(options.timeout ?? saidOf('timeout', scope), '10')) * 1000;
  const method = textOption(options.method, 'GET');
  const follow = textOption(options.follow_redirects ?? saidOf('follow_redirects', scope), 'urllib2');
  const redirect = ['none', 'no'].includes(follow) ? 'manual' : 'follow';
  const body = options.body === undefined ? undefined : String(options.body);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', fetching], {
    input: exactJson({ url, method, headers, body, redirect, timeout }),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    timeout: timeout + 5000,
    env: { ...process.env, ...(isYes(options.validate_certs, true) ? {} : { NODE_TLS_REJECT_UNAUTHORIZED: '0' }) },
  });
  const why = stderr.trim().split('\n').at(-1) || 'no answer';
  if (status === 2) throw lookupError('url', `Received HTTP error for ${address} : ${why}`);
  if (status !== 0) throw lookupError('url', `Failed lookup url for ${address} : ${why}`);
  return linesOf(stdout, options);
}

function localPage(address: string): string {
  try {
    return readFileSync(fileURLToPath(address), 'utf8');
  } catch (error) {
    throw lookupError('url', `${address}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function linesOf(text: string, options: Readonly<Record<string, unknown>>): string[] {
  return isYes(options.split_lines, true)
    ? text.split(/\r?\n/).filter((line, at, all) => line !== '' || at < all.length - 1)
    : [text];
}

/** Lookups that make passwords and fetch pages. `search`: the folders of relative paths, the playbook's last. */
export function madeLookups(search: () => readonly string[]): Readonly<Record<string, Lookup>> {
  return {
    password: (terms, options) => terms.map((term) => password(term, options, search().at(-1) ?? '.')),
    random_string: (_, options) => [randomString(options)],
    url: (terms, options, { scope }) => terms.flatMap((term) => page(term, options, scope)),
  };
}
