/** One `key=value` of a text. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
  /** Offset of the value in the text, behind an opening quote. */
  readonly start: number;
}

const open = { '{{': '}}', '{%': '%}', '{#': '#}' } as const;

/** Offset behind the tag that starts at `at`; what closes it may stand in a text of its expression. */
function tagEnd(text: string, at: number, close: string): number {
  const inside = /(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^"'])*?/s.source;
  const tag = new RegExp(`${inside}${close}`, 'y');
  tag.lastIndex = at + 2;
  if (tag.test(text)) return tag.lastIndex;
  const end = text.indexOf(close, at + 2);
  return end < 0 ? text.length : end + 2;
}

interface Reach {
  /** Offset behind the word. */
  readonly end: number;
  /** Offset of a quote in it that nothing closes. */
  readonly unclosed: number | undefined;
}

/**
 * How far the word that starts at `at` reaches: up to the next blank that stands outside of quotes and templates. Quotes of a
 * template are its own, also of one in quotes.
 */
function reach(text: string, at: number): Reach {
  let quote = '';
  let opened = at;
  let i = at;
  while (i < text.length) {
    const character = text.charAt(i);
    const close = open[text.slice(i, i + 2) as keyof typeof open];
    // As in Ansible a backslash before a quote makes it a character, within quotes and without.
    const isQuote = /["']/.test(character) && text.charAt(i - 1) !== '\\';
    if (close) {
      i = tagEnd(text, i, close) - 1;
    } else if (quote) {
      if (isQuote && character === quote) quote = '';
    } else if (isQuote) [quote, opened] = [character, i];
    else if (/\s/.test(character)) break;
    i++;
  }
  return { end: Math.min(i, text.length), unclosed: quote ? opened : undefined };
}

/** Offset of a quote that nothing closes; as in Ansible, also where a shell would see a comment. */
export function unclosedQuote(text: string): number | undefined {
  const last = splitWords(text).at(-1);
  return last && reach(text, last.start).unclosed;
}

/** A word of a text, and where it starts. */
export interface Word {
  readonly text: string;
  readonly start: number;
}

/** The words of a text; quotes stay, blanks in quotes and templates don't split. */
export function splitWords(text: string): Word[] {
  const words: Word[] = [];
  for (let at = /\S/.exec(text)?.index ?? text.length; at < text.length; ) {
    const { end } = reach(text, at);
    words.push({ text: text.slice(at, end), start: at });
    at = end + (/^\s*/.exec(text.slice(end))?.[0].length ?? 0);
  }
  return words;
}

const escaped = /\\(?:[\\'"abfnrtv]|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8})/g;
const controls: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** With Python's escapes made what they mean, as Ansible does; others stay as they are. */
function unescaped(text: string): string {
  return text.replace(escaped, (sequence) => {
    const code = sequence.length > 2 ? Number.parseInt(sequence.slice(2), 16) : undefined;
    if (code === undefined) return controls[sequence.charAt(1)] ?? sequence.charAt(1);
    return code > 0x10ffff ? sequence : String.fromCodePoint(code);
  });
}

/** `key=value`; templates in a key (`set_fact: "{{ item }}=1"`) end before the first `=`, as in Ansible. */
const pair = /^((?:[A-Za-z_]|\{\{[^=]*?\}\})(?:\w|\{\{[^=]*?\}\})*)=(.*)$/s;

/** A word that is `key=value`, without the quotes around the value and with escapes read; undefined for another. */
export function pairOf({ text, start }: Word): KeyValue | undefined {
  const match = pair.exec(text);
  if (!match) return undefined;
  const [, key = '', value = ''] = match;
  const quoted = /^(["'])(.*)\1$/s.exec(value);
  return { key, value: unescaped(quoted?.[2] ?? value), start: start + key.length + 1 + (quoted ? 1 : 0) };
}

/**
 * Splits `key=value key="two words"` as Ansible does: quotes around a value go, blanks inside of {{ }} don't split.
 * undefined when any word has no `=`.
 */
export function keyValues(text: string): KeyValue[] | undefined {
  const pairs = splitWords(text).map(pairOf);
  return pairs.every((pair) => pair !== undefined) ? pairs : undefined;
}
