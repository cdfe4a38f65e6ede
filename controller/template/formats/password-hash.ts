import { createHash, randomInt } from 'node:crypto';
import { hashSync } from 'bcryptjs';
import { Fault } from '../fault.ts';

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

type Kind = 'sha256' | 'sha512' | 'md5' | 'bcrypt';

/** How long a salt may be, and is where orch makes one; that of bcrypt is never shorter. */
const saltLengths: Readonly<Record<Kind, number>> = { sha512: 16, sha256: 16, md5: 8, bcrypt: 22 };

function kindOf(name: string): Kind {
  const short = name === 'blowfish' ? 'bcrypt' : name.replace(/_crypt$/, '');
  if (Object.hasOwn(saltLengths, short)) return short as Kind;
  throw new Fault(`${name} is not in the list of supported passlib algorithms: ${Object.keys(saltLengths).join(', ')}`);
}

const hash = (digest: string, ...parts: readonly Buffer[]): Buffer =>
  createHash(digest).update(Buffer.concat(parts)).digest();

/** `length` bytes of a block that is repeated. */
function fill(block: Buffer, length: number): Buffer {
  return Buffer.concat(Array.from({ length: Math.ceil(length / block.length) }, () => block)).subarray(0, length);
}

/** crypt(3)'s base64: bytes in the given order, three at a time, low bits first. */
function encode(bytes: Buffer, order: readonly (readonly number[])[]): string {
  return order
    .map((group) => {
      let word = 0;
      for (const index of group) word = word * 256 + (index < 0 ? 0 : (bytes[index] ?? 0));
      const count = group.filter((index) => index >= 0).length;
      return Array.from({ length: count + 1 }, (_, digit) => alphabet[Math.floor(word / 64 ** digit) % 64]).join('');
    })
    .join('');
}

const sha512Order = [
  ...Array.from({ length: 21 }, (_, i) => {
    const triple = [i, i + 21, i + 42];
    const turn = i % 3;
    return [...triple.slice(turn), ...triple.slice(0, turn)];
  }),
  [-1, -1, 63],
];
const sha256Order = [
  ...Array.from({ length: 10 }, (_, i) => {
    const triple = [i, i + 10, i + 20];
    const turn = (3 - (i % 3)) % 3;
    return [...triple.slice(turn), ...triple.slice(0, turn)];
  }),
  [-1, 31, 30],
];
const md5Order = [
  [0, 6, 12],
  [1, 7, 13],
  [2, 8, 14],
  [3, 9, 15],
  [4, 10, 5],
  [-1, -1, 11],
];

/** Ulrich Drepper's SHA-crypt. */
function shaCrypt(digest: 'sha256' | 'sha512', password: Buffer, salt: Buffer, rounds: number): Buffer {
  const size = digest === 'sha512' ? 64 : 32;
  const b = hash(digest, password, salt, password);
  const parts = [password, salt, fill(b, password.length)];
  for (let length = password.length; length > 0; length >>= 1) parts.push(length & 1 ? b : password);
  let a = hash(digest, ...parts);
  const p = fill(hash(digest, ...Array.from({ length: password.length }, () => password)), password.length);
  const s = fill(hash(digest, ...Array.from({ length: 16 + (a[0] ?? 0) }, () => salt)), salt.length);
  for (let round = 0; round < rounds; round++) {
    const c: Buffer[] = [round & 1 ? p : a];
    if (round % 3) c.push(s);
    if (round % 7) c.push(p);
    c.push(round & 1 ? a : p);
    a = hash(digest, ...c);
  }
  return a.subarray(0, size);
}

/** Poul-Henning Kamp's MD5-crypt. */
function md5Crypt(password: Buffer, salt: Buffer): Buffer {
  const b = hash('md5', password, salt, password);
  const parts = [password, Buffer.from('$1$'), salt, fill(b, password.length)];
  for (let length = password.length; length > 0; length >>= 1) {
    parts.push(length & 1 ? Buffer.alloc(1) : password.subarray(0, 1));
  }
  let a = hash('md5', ...parts);
  for (let round = 0; round < 1000; round++) {
    const c: Buffer[] = [round & 1 ? password : a];
    if (round % 3) c.push(salt);
    if (round % 7) c.push(password);
    c.push(round & 1 ? a : password);
    a = hash('md5', ...c);
  }
  return a;
}

/** A salt of the length that the kind of hash has. */
export function newSalt(name: string, length: number = saltLengths[kindOf(name)]): string {
  return Array.from({ length }, () => alphabet[randomInt(64)]).join('');
}

/** The version of bcrypt that counts where none is said; other hashes have none. */
export const usualIdent = (name: string): string | undefined => (kindOf(name) === 'bcrypt' ? '2b' : undefined);

/** Rounds that passlib, and so Ansible, takes when none are said. */
const usualRounds = { sha512: 656_000, sha256: 535_000, bcrypt: 12 } as const;

/** More rounds of bcrypt, whose time doubles with each, would take minutes here. */
const mostBcryptRounds = 16;

function bcrypt(password: string, salt: string, rounds: number, ident: string): string {
  if (rounds < 4 || rounds > mostBcryptRounds)
    throw new Fault(`the rounds of bcrypt must be between 4 and ${mostBcryptRounds}`);
  if (!/^2[aby]?$/.test(ident)) throw new Fault(`bcrypt has no version '${ident}'`, { hint: '2b, 2a, 2y or 2' });
  if (salt.length !== saltLengths.bcrypt) throw new Fault(`a salt of bcrypt has ${saltLengths.bcrypt} characters`);
  return hashSync(password, `$${ident}$${String(rounds).padStart(2, '0')}$${salt}`);
}

export interface HashOptions {
  readonly salt: string;
  readonly rounds?: number | undefined;
  /** Version of bcrypt; nothing to other hashes. */
  readonly ident?: string | undefined;
}

/** A password's hash for /etc/shadow: `$6$...` of sha512, `$5$...` of sha256, `$1$...` of md5, `$2b$...` of bcrypt. */
export function hashPassword(password: string, name: string, { salt, rounds, ident = '2b' }: HashOptions): string {
  const kind = kindOf(name);
  const bytes = Buffer.from(password);
  if (!/^[./\dA-Za-z]+$/.test(salt)) throw new Fault("a salt is made of letters, digits, '.' and '/'");
  if (salt.length > saltLengths[kind])
    throw new Fault(`the salt of ${kind} has at most ${saltLengths[kind]} characters`);
  if (bytes.length > 4096) throw new Fault('the password is longer than 4096 bytes');
  if (kind === 'md5') return `$1$${salt}$${encode(md5Crypt(bytes, Buffer.from(salt)), md5Order)}`;
  const count = rounds ?? usualRounds[kind];
  if (kind === 'bcrypt') return bcrypt(password, salt, count, ident);
  if (count < 1000 || count > 999_999_999) throw new Fault('the rounds must be between 1000 and 999999999');
  const made = shaCrypt(kind, bytes, Buffer.from(salt), count);
  const said = count === 5000 ? '' : `rounds=${count}$`;
  const [prefix, order] = kind === 'sha512' ? ['$6$', sha512Order] : ['$5$', sha256Order];
  return `${prefix}${said}${salt}$${encode(made, order)}`;
}
