import { percent } from '../template/formats/url.ts';
import { isAtom } from '../template/python/atom.ts';

/** Texts that were encrypted, by which they are found wherever a run writes something. */
const known = new Set<string>();
let pattern: RegExp | undefined;

/** Shorter ones are words of everyday use more often than secrets: hiding them would hide what a run says. */
const shortest = 4;
const everyday = new Set([
  'true',
  'false',
  'none',
  'null',
  'root',
  'present',
  'absent',
  'localhost',
  'latest',
  'started',
]);

/** A text as it is, as `b64encode` gives it, as JSON has it, and in URLs, where `urlencode` leaves slashes as they are. */
function formsOf(text: string): readonly string[] {
  const inJson = JSON.stringify(text).slice(1, -1);
  return [text, Buffer.from(text).toString('base64'), inJson, percent(text, ''), percent(text, '/')];
}

/** Remembers a text; of several lines also each long one. */
function rememberText(text: string): void {
  const lines = text.split('\n').map((line) => line.trim());
  const parts = lines.length > 1 ? [text.trim(), ...lines.filter((line) => line.length >= 2 * shortest)] : lines;
  for (const part of parts) {
    if (part.length < shortest || everyday.has(part.toLowerCase())) continue;
    for (const form of formsOf(part)) known.add(form);
  }
  pattern = undefined;
}

/** Remembers what was encrypted: a text, or all texts and numbers in data. */
export function rememberSecret(value: unknown): void {
  if (['string', 'number', 'bigint'].includes(typeof value) || isAtom(value)) rememberText(String(value));
  else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) rememberSecret(part);
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** A text with stars in place of the secrets in it, whatever the case of their letters. */
export function hideSecrets(text: string): string {
  if (known.size === 0) return text;
  pattern ??= new RegExp(
    [...known]
      .sort((a, b) => b.length - a.length)
      .map(escaped)
      .join('|'),
    'gi',
  );
  return text.replace(pattern, '********');
}

/** The same for all texts in data, keys included; what holds none stays the same object. */
export function hideSecretsIn<T>(value: T): T {
  return known.size === 0 ? value : (hidden(value) as T);
}

function hidden(value: unknown): unknown {
  if (typeof value === 'string') return hideSecrets(value);
  if (typeof value === 'number' || typeof value === 'bigint' || isAtom(value)) {
    const text = String(value);
    return known.has(text) ? hideSecrets(text) : value;
  }
  if (Array.isArray(value)) return value.map(hidden);
  if (typeof value !== 'object' || value === null || !isData(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [hideSecrets(key), hidden(item)]));
}

const isData = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
};
