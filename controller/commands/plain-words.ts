/** Keeps a word from being read as an option; none on a command line holds it. */
const mark = '\0';

/**
 * Words with those behind `--` among them: yargs would keep them from the positionals that they are for. A `-` by itself is a word,
 * too, which yargs would drop.
 */
export function withPlainWords(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  const options = end < 0 ? words : words.slice(0, end);
  const plain = end < 0 ? [] : words.slice(end + 1);
  return [...options.map((word) => (word === '-' ? plainWord(word) : word)), ...plain.map(plainWord)];
}

/** A word that is no option, whatever it begins with. */
export function plainWord(word: string): string {
  return word.startsWith('-') ? `${mark}${word}` : word;
}

function asWritten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asWritten);
  return typeof value === 'string' && value.startsWith(mark) ? value.slice(mark.length) : value;
}

/** What yargs made of such words, as they were written. */
export function wordsAsWritten(given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, asWritten(value)]));
}
