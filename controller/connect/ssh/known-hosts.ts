import { createHash, createHmac, randomBytes } from 'node:crypto';

/** One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHost {
  readonly marker: 'revoked' | 'cert-authority' | undefined;
  readonly patterns: string;
  readonly type: string;
  readonly key: Buffer;
  /** file:line, for messages. */
  readonly at: string;
}

export type HostKeyVerdict =
  | { readonly kind: 'known' }
  | { readonly kind: 'revoked'; readonly at: string }
  | { readonly kind: 'changed'; readonly at: string }
  /** `authorities`: lines that a certificate of this host might satisfy, which orch can't check. */
  | { readonly kind: 'unknown'; readonly authorities: readonly string[] };

/** Lines that are not entries are passed over, as ssh does. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  const entries: KnownHost[] = [];
  text.split('\n').forEach((line, index) => {
    const fields = line.trim().split(/\s+/);
    if (fields[0] === '' || fields[0]?.startsWith('#')) return;
    const marker = fields[0]?.startsWith('@') ? fields.shift()?.slice(1) : undefined;
    if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') return;
    const [patterns, type, base64] = fields;
    if (patterns === undefined || type === undefined || base64 === undefined) return;
    const key = Buffer.from(base64, 'base64');
    if (keyType(key) !== type) return;
    entries.push({ marker, patterns, type, key, at: `${file}:${index + 1}` });
  });
  return entries;
}

/** The name under which ssh looks a host up: an alias as it is, a port other than 22 in brackets. */
export function lookupName(hostname: string, port: number, alias: string | undefined): string {
  if (alias !== undefined) return alias.toLowerCase();
  return (port === 22 ? hostname : `[${hostname}]:${port}`).toLowerCase();
}

/**
 * What the entries say of a key that `name` presented. A key of another type than the known ones counts as changed:
 * known types are asked for first, so an honest host would have shown one of them.
 */
export function judgeHostKey(entries: readonly KnownHost[], name: string, key: Buffer): HostKeyVerdict {
  const revoked = entries.find((entry) => entry.marker === 'revoked' && entry.key.equals(key));
  if (revoked) return { kind: 'revoked', at: revoked.at };
  const known = hostEntries(entries, name);
  // As ssh does: a key of the host alone is good for its other ports, but another key there proves nothing.
  const bare = /^\[(.*)\]:\d+$/.exec(name)?.[1];
  const elsewhere = known.length === 0 && bare !== undefined ? hostEntries(entries, bare) : [];
  if ([...known, ...elsewhere].some((entry) => entry.key.equals(key))) return { kind: 'known' };
  const [other] = known;
  if (other) return { kind: 'changed', at: other.at };
  const authorities = entries.filter((entry) => entry.marker === 'cert-authority' && matches(entry.patterns, name));
  return { kind: 'unknown', authorities: authorities.map((entry) => entry.at) };
}

/** Types of the keys that are known for a host. */
export function knownTypes(entries: readonly KnownHost[], name: string): readonly string[] {
  return [...new Set(hostEntries(entries, name).map((entry) => entry.type))];
}

function hostEntries(entries: readonly KnownHost[], name: string): readonly KnownHost[] {
  return entries.filter((entry) => entry.marker === undefined && matches(entry.patterns, name));
}

function matches(patterns: string, name: string): boolean {
  if (patterns.startsWith('|1|')) {
    const [, , salt, hash] = patterns.split('|');
    return salt !== undefined && hash === hashName(name, Buffer.from(salt, 'base64'));
  }
  let found = false;
  for (const pattern of patterns.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    if (!wildcard(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

function wildcard(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`).test(name);
}

function hashName(name: string, salt: Buffer): string {
  return createHmac('sha1', salt).update(name).digest('base64');
}

/** A line for known_hosts. */
export function knownHostLine(name: string, key: Buffer, hashed: boolean): string {
  const salt = randomBytes(20);
  const shown = hashed ? `|1|${salt.toString('base64')}|${hashName(name, salt)}` : name;
  return `${shown} ${keyType(key)} ${key.toString('base64')}\n`;
}

/** Type inside a key blob (RFC 4253 6.6): a string before everything else. Undefined: not a key. */
export function keyType(key: Buffer): string | undefined {
  if (key.length < 4) return undefined;
  const length = key.readUInt32BE(0);
  return length > 0 && length <= 64 && key.length > 4 + length ? key.toString('latin1', 4, 4 + length) : undefined;
}

/** As `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}
