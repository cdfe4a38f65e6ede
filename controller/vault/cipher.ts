import { createCipheriv, createDecipheriv, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

/** A vault's text as its header says it is written. */
export interface Envelope {
  readonly version: '1.1' | '1.2';
  /** The vault id of format 1.2; undefined in 1.1. */
  readonly id: string | undefined;
  readonly body: string;
}

const header = /^\$ANSIBLE_VAULT;(1\.[12]);AES256(?:;([^\r\n]+?))?[ \t]*\r?\n/;

/** True for a text that is encrypted, whatever its version. */
export const isVault = (text: string): boolean => text.startsWith('$ANSIBLE_VAULT;');

/** Reads a vault's header; undefined when it is none, or of a version that is not known. */
export function openEnvelope(text: string): Envelope | undefined {
  const found = header.exec(text);
  if (!found) return undefined;
  return { version: found[1] === '1.2' ? '1.2' : '1.1', id: found[2], body: text.slice(found[0].length) };
}

interface Keys {
  readonly cipher: Buffer;
  readonly hmac: Buffer;
  readonly iv: Buffer;
}

/** The three keys that PBKDF2 makes of a password. */
function keysOf(password: Buffer, salt: Buffer): Keys {
  const derived = pbkdf2Sync(password, salt, 10_000, 80, 'sha256');
  return { cipher: derived.subarray(0, 32), hmac: derived.subarray(32, 64), iv: derived.subarray(64, 80) };
}

/** 80 hexadecimal digits a line, as Ansible writes them. */
const wrapped = (hex: string): string => (hex.match(/.{1,80}/g) ?? []).join('\n');

/**
 * Encrypts as ansible-vault does: AES-256-CTR with PKCS #7 padding and an HMAC-SHA256, keys by PBKDF2. Format 1.2 with
 * an id, else 1.1. With a salt of one's own the same text comes each time. The text ends with a newline.
 */
export function encryptVault(
  plain: Buffer,
  password: Buffer,
  id: string | undefined,
  salt: Buffer = randomBytes(32),
): string {
  const keys = keysOf(password, salt);
  const padding = 16 - (plain.length % 16);
  const cipher = createCipheriv('aes-256-ctr', keys.cipher, keys.iv);
  const padded = Buffer.concat([plain, Buffer.alloc(padding, padding)]);
  const encrypted = Buffer.concat([cipher.update(padded), cipher.final()]);
  const hmac = createHmac('sha256', keys.hmac).update(encrypted).digest('hex');
  const inner = [salt.toString('hex'), hmac, encrypted.toString('hex')].join('\n');
  const first = id === undefined ? '$ANSIBLE_VAULT;1.1;AES256' : `$ANSIBLE_VAULT;1.2;AES256;${id}`;
  return `${first}\n${wrapped(Buffer.from(inner).toString('hex'))}\n`;
}

/** The parts of a vault's body; undefined when it is damaged. */
function partsOf(body: string): [salt: Buffer, hmac: Buffer, encrypted: Buffer] | undefined {
  const hex = body.replace(/\s+/g, '');
  if (!/^(?:[\da-f]{2})+$/i.test(hex)) return undefined;
  const [salt, hmac, encrypted, ...more] = Buffer.from(hex, 'hex').toString('latin1').split('\n');
  if (salt === undefined || hmac === undefined || encrypted === undefined || more.length > 0) return undefined;
  return [Buffer.from(salt, 'hex'), Buffer.from(hmac, 'hex'), Buffer.from(encrypted, 'hex')];
}

const isIntact = ({ body }: Envelope): boolean => partsOf(body) !== undefined;

/** The envelope of a vault that some password opens; undefined for what is damaged, or of a version that is not known. */
export function soundEnvelope(text: string): Envelope | undefined {
  const envelope = openEnvelope(text);
  return envelope && isIntact(envelope) ? envelope : undefined;
}

/** The plain bytes; undefined when the password is another one, or the text was changed. */
export function decryptVault({ body }: Envelope, password: Buffer): Buffer | undefined {
  const parts = partsOf(body);
  if (!parts) return undefined;
  const [salt, wanted, encrypted] = parts;
  const keys = keysOf(password, salt);
  const hmac = createHmac('sha256', keys.hmac).update(encrypted).digest();
  if (wanted.length !== hmac.length || !timingSafeEqual(wanted, hmac)) return undefined;
  const cipher = createDecipheriv('aes-256-ctr', keys.cipher, keys.iv);
  const padded = Buffer.concat([cipher.update(encrypted), cipher.final()]);
  return padded.subarray(0, Math.max(0, padded.length - (padded.at(-1) ?? 0)));
}
