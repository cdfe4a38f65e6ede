import { percent } from '../template/formats/url.ts';
import { isAtom } from '../template/python/atom.ts';
import { pythonJson } from '../template/python/json.ts';

/** Texts that were encrypted, by which they are found wherever a run writes something. */
const known = new Set<string>();

/** A secret in small letters, and the longest other one that it starts with. */
interface Secret {
  readonly text: string;
  readonly shorter: Secret | undefined;
}

/** In their order, in which each is found by halves: a pattern of so many would be more than V8 takes. */
let secrets: readonly Secret[] | undefined;
/** First letters of them, without which none is looked for. */
const [firsts, starts] = [new Set<string>(), new Set<string>()];

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

const inBase64 = (text: string): string => Buffer.from(text).toString('base64');

/** What base64 makes of a text with others around it, as of `name:password`: without letters that it shares with them. */
function amongOthers(text: string): readonly string[] {
  return [0, 1, 2].map((before) => {
    const end = before + Buffer.byteLength(text);
    return inBase64('-'.repeat(before) + text).slice(Math.ceil((before * 4) / 3), Math.floor((end * 4) / 3));
  });
}

/**
 * A text as it is, as `b64encode` gives it, as JSON has it, `to_json` without letters beyond ASCII, as texts of Python, YAML and
 * shells have it in single quotes, and in URLs, where `urlencode` leaves slashes as they are.
 */
function formsOf(text: string): readonly string[] {
  const [inJson = '', inAscii = ''] = [false, true].map((ascii) =>
    pythonJson(text, { indent: undefined, sortKeys: false, ascii }).slice(1, -1),
  );
  const inPython = inJson.replaceAll('\\"', '"');
  const quoted = ["''", `'"'"'`].map((quote) => text.replaceAll("'", quote));
  return [
    ...[text, inBase64(text), inJson, inAscii],
    ...[inPython, inPython.replaceAll("'", "\\'"), ...quoted],
    ...[percent(text, ''), percent(text, '/')],
  ];
}

/** Remembers a text; of several lines also each long one. */
function rememberText(text: string): void {
  const before = known.size;
  const lines = text.split('\n').map((line) => line.trim());
  const whole = text.trim();
  const parts = lines.length > 1 ? [whole, ...lines.filter((line) => line.length >= 2 * shortest)] : lines;
  for (const part of parts) {
    if (part.length < shortest || everyday.has(part.toLowerCase())) continue;
    const among = part === whole && part.length >= 2 * shortest ? amongOthers(part) : [];
    for (const form of [...formsOf(part), ...among]) known.add(form);
  }
  if (known.size > before) secrets = undefined;
}

/** Remembers what was encrypted: a text, or all texts and numbers in data. */
export function rememberSecret(value: unknown): void {
  if (['string', 'number', 'bigint'].includes(typeof value) || isAtom(value)) rememberText(String(value));
  else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) rememberSecret(part);
}

/** In small letters, one for each: İ has two, and Σ another at ends of words. */
const folded = (text: string): string => text.replaceAll('İ', 'i').toLowerCase().replaceAll('ς', 'σ');

function inOrder(texts: ReadonlySet<string>): readonly Secret[] {
  let last: Secret | undefined;
  return [...texts].sort().map((text) => {
    while (last !== undefined && !text.startsWith(last.text)) last = last.shorter;
    last = { text, shorter: last };
    firsts.add(text.charAt(0));
    starts.add(text.slice(0, shortest));
    return last;
  });
}

/** The longest secret that stands at a place of a text. */
function secretAt(text: string, at: number, sorted: readonly Secret[]): Secret | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const secret = sorted[middle]?.text ?? '';
    if (secret <= text.slice(at, at + secret.length)) low = middle + 1;
    else high = middle;
  }
  // All that the text starts with are before it, and the last one before it starts with each of them.
  let found = sorted[low - 1];
  while (found !== undefined && !text.startsWith(found.text, at)) found = found.shorter;
  return found;
}

/** A text with stars in place of the secrets in it, whatever the case of their letters. */
export function hideSecrets(text: string): string {
  if (known.size === 0) return text;
  secrets ??= inOrder(new Set([...known].map(folded)));
  const small = folded(text);
  let shown = '';
  let done = 0;
  for (let at = 0; at < small.length; at++) {
    if (!firsts.has(small.charAt(at)) || !starts.has(small.slice(at, at + shortest))) continue;
    const found = secretAt(small, at, secrets);
    if (found === undefined) continue;
    shown += `${text.slice(done, at)}********`;
    done = at + found.text.length;
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
  if (Array.isArray(value)) {
    const items = value.map(hidden);
    return items.every((item, index) => Object.is(item, value[index])) ? value : items;
  }
  if (typeof value !== 'object' || value === null || !isData(value)) return value;
  const entries = Object.entries(value);
  const shown = entries.map(([key, item]): [string, unknown] => [hideSecrets(key), hidden(item)]);
  const isSame = shown.every(
    ([key, item], index) => key === entries[index]?.[0] && Object.is(item, entries[index]?.[1]),
  );
  return isSame ? value : Object.fromEntries(shown);
}

const isData = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
};
