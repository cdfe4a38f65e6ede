import { percent } from '../template/formats/url.ts';
import { isAtom } from '../template/python/atom.ts';
import { pythonJson } from '../template/python/json.ts';

/** Texts that were encrypted, by which they are found wherever a run writes something. */
const known = new Set<string>();
/** The same in small letters by their first ones, the longest first: a pattern of so many would be more than V8 takes. */
let starts: Map<string, string[]> | undefined;
const firsts = new Set<string>();

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

/**
 * A text as it is, as `b64encode` gives it, as JSON has it, `to_json` without letters beyond ASCII, and in URLs, where
 * `urlencode` leaves slashes as they are.
 */
function formsOf(text: string): readonly string[] {
  const inJson = [false, true].map((ascii) =>
    pythonJson(text, { indent: undefined, sortKeys: false, ascii }).slice(1, -1),
  );
  return [text, Buffer.from(text).toString('base64'), ...inJson, percent(text, ''), percent(text, '/')];
}

/** Remembers a text; of several lines also each long one. */
function rememberText(text: string): void {
  const lines = text.split('\n').map((line) => line.trim());
  const parts = lines.length > 1 ? [text.trim(), ...lines.filter((line) => line.length >= 2 * shortest)] : lines;
  for (const part of parts) {
    if (part.length < shortest || everyday.has(part.toLowerCase())) continue;
    for (const form of formsOf(part)) known.add(form);
  }
  starts = undefined;
}

/** Remembers what was encrypted: a text, or all texts and numbers in data. */
export function rememberSecret(value: unknown): void {
  if (['string', 'number', 'bigint'].includes(typeof value) || isAtom(value)) rememberText(String(value));
  else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) rememberSecret(part);
}

/** In small letters, one for each: İ has two, and Σ another at ends of words. */
const folded = (text: string): string => text.replaceAll('İ', 'i').toLowerCase().replaceAll('ς', 'σ');

function byStart(secrets: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const secret of secrets) {
    const start = secret.slice(0, shortest);
    firsts.add(start.charAt(0));
    const same = found.get(start);
    if (same === undefined) found.set(start, [secret]);
    else same.push(secret);
  }
  return found;
}

/** A text with stars in place of the secrets in it, whatever the case of their letters. */
export function hideSecrets(text: string): string {
  if (known.size === 0) return text;
  starts ??= byStart([...known].map(folded).sort((a, b) => b.length - a.length));
  const small = folded(text);
  let shown = '';
  let done = 0;
  for (let at = 0; at < small.length; at++) {
    if (!firsts.has(small.charAt(at))) continue;
    const found = starts.get(small.slice(at, at + shortest))?.find((secret) => small.startsWith(secret, at));
    if (found === undefined) continue;
    shown += `${text.slice(done, at)}********`;
    done = at + found.length;
    at = done - 1;
  }
  return done === 0 ? text : shown + text.slice(done);
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
