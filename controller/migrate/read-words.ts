import { booleans, lists, type Meaning, times } from './ip-words.ts';
import { type Params, plain } from './translated.ts';

export type Read = { readonly params: Params; readonly first: string | undefined } | { readonly reason: string };

/** Words in the place of parameters; one word may stand alone, as what the command is about, where `alone` says so. */
export function readWords(words: readonly string[], meanings: Readonly<Record<string, Meaning>>, alone = true): Read {
  const params: Record<string, unknown> = {};
  let first: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const meaning = Object.hasOwn(meanings, word) ? meanings[word] : undefined;
    if (meaning === undefined) {
      if (first !== undefined || !alone) return { reason: `orch has no task for "${word}" here` };
      first = word;
    } else if (typeof meaning === 'string') {
      const value = words[++at];
      if (value === undefined) return { reason: `"${word}" has no value` };
      params[meaning] = readValue(meaning, value);
    } else {
      Object.assign(params, meaning);
    }
  }
  return { params, first };
}

function readValue(name: string, word: string): unknown {
  if (booleans.has(name)) return isOn(word);
  if (lists.has(name)) return word.split(',');
  if (times.has(name)) return milliseconds(word);
  return name.endsWith('_qos_map') ? word.split(',').map(mapping) : plain(word);
}

/** Without a unit the kernel takes a number of its own, which no module does. */
function milliseconds(word: string): unknown {
  const [, number, unit] = /^(\d{1,9})(ms|s)$/.exec(word) ?? [];
  return number === undefined ? word : Number(number) * (unit === 's' ? 1000 : 1);
}

function mapping(pair: string): Params {
  const [from = '', to = ''] = pair.split(':');
  return { from: plain(from), to: plain(to) };
}

/** 0, 1, on or off; all else as it is. */
function isOn(value: string): unknown {
  return /^(?:[01]|on|off)$/.test(value) ? value === '1' || value === 'on' : value;
}

/** Words that are followed by on or off, apart from all others. */
export function readSwitches(words: readonly string[], names: ReadonlySet<string>) {
  const switched: Record<string, boolean> = {};
  const others: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!names.has(word)) others.push(word);
    else switched[word] = words[++at] === 'on';
  }
  return { switched, others };
}
