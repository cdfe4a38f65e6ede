import { createHmac, timingSafeEqual } from 'node:crypto';

/** A line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
interface HostKey {
  /** "@cert-authority", "@revoked", or empty. */
  readonly marker: string;
  /** Names with commas between, or one that is hashed. */
  readonly hosts: string;
  readonly type: string;
  readonly key: string;
}

/** Undefined for a comment, an empty line, and what is no key. */
export function parseHostKey(line: string): HostKey | undefined {
  const words = line.trim().split(/\s+/);
  const marker = words[0]?.startsWith('@') ? (words.shift() ?? '') : '';
  const [hosts = '', type = '', key = ''] = words;
  if (hosts.startsWith('#') || !/^(ssh|ecdsa|sk)-[a-z0-9@.-]+$/.test(type) || !/^[A-Za-z0-9+/]+=*$/.test(key))
    return undefined;
  return { marker, hosts, type, key };
}

/** Whether a line's hosts are about a host: by name, by pattern, or hashed (HMAC-SHA1 of the name, with its salt). */
export function isAbout(hosts: string, name: string): boolean {
  if (hosts.startsWith('|1|')) {
    const [, , salt = '', hash = ''] = hosts.split('|');
    const wanted = Buffer.from(hash, 'base64');
    const made = hashOf(name, Buffer.from(salt, 'base64'));
    return made.length === wanted.length && timingSafeEqual(made, wanted);
  }
  const patterns = hosts.toLowerCase().split(',');
  if (patterns.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1), name))) return false;
  return patterns.some((pattern) => fits(pattern, name));
}

/** Names with * and ?, as ssh(1) has them; in the time of both lengths multiplied, whatever the pattern. */
function fits(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let from = 0;
  for (let next = 0; next < name.length; next++) {
    if (pattern[at] === '*') {
      star = at++;
      from = next--;
    } else if (pattern[at] === '?' || pattern[at] === name[next]) {
      at++;
    } else if (star >= 0) {
      at = star + 1;
      next = from++;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}

/** `salt`: 20 bytes. */
function hashOf(name: string, salt: Buffer): Buffer {
  return createHmac('sha1', salt).update(name).digest();
}

/** The name as a file holds it that nobody can read names from. */
function hashed(name: string, salt: Buffer): string {
  return `|1|${salt.toString('base64')}|${hashOf(name, salt).toString('base64')}`;
}

export interface HostKeyEdit {
  /** In lower case. */
  readonly name: string;
  /** Lines of the file's format. */
  readonly keys: readonly string[];
  readonly state: 'present' | 'absent';
  /** Hash the name, with this salt. */
  readonly salt: Buffer | undefined;
}

/** The lines as they are wished: of each kind of key the host has one. Lines have their newlines. */
export function withHostKeys(lines: readonly string[], edit: HostKeyEdit): readonly string[] {
  if (edit.state === 'absent' && edit.keys.length === 0)
    return lines.filter((line) => !concerns(line, edit.name, undefined));
  return edit.keys.reduce((left, key) => withHostKey(left, key, edit), lines);
}

/** Whether a line holds a key of the host, of the kind of another one; that has no marker where it is not said. */
function concerns(line: string, name: string, like: HostKey | undefined): boolean {
  const found = parseHostKey(line);
  if (found === undefined || !isAbout(found.hosts, name)) return false;
  return found.marker === (like?.marker ?? '') && (like === undefined || found.type === like.type);
}

function withHostKey(lines: readonly string[], key: string, { name, state, salt }: HostKeyEdit): readonly string[] {
  const wanted = parseHostKey(key);
  const present = lines.filter((line) => concerns(line, name, wanted)).map((line) => parseHostKey(line));
  const hash = salt !== undefined || wanted?.hosts.startsWith('|1|') === true;
  const right = present.some(
    (one) => one?.key === wanted?.key && (hash ? one?.hosts.startsWith('|1|') : one?.hosts === wanted?.hosts),
  );
  if (state === 'present' && right) return lines;
  const others = lines.filter((line) => !concerns(line, name, wanted));
  if (state === 'absent' || wanted === undefined) return others;
  const words = key.trim().split(/\s+/);
  const written =
    salt === undefined ? key.trim() : words.with(wanted.marker === '' ? 0 : 1, hashed(name, salt)).join(' ');
  const ended = others.map((line) => (line.endsWith('\n') ? line : `${line}\n`));
  return [...ended, `${written}\n`];
}
