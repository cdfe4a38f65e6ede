/** What ends a command, longest first. */
const ends = ['&&', '||', '|', ';', '\n'] as const;

/** One program with its arguments, as a shell would start it. */
export interface CommandLine {
  readonly words: readonly string[];
  /** A file that its output goes to, other than /dev/null. */
  readonly output: string | undefined;
  /** What ends it; undefined: the text does. */
  readonly end: (typeof ends)[number] | undefined;
}

/** Programs, or what else a shell does with the text. */
export type Split = { readonly lines: readonly CommandLine[] } | { readonly reason: string };

/** What a shell puts something else in the place of, or does with more than one program. */
const clever = /[$`*?()<&[\]~]/;
/** The program `[`, and what ends its arguments. */
const bracket = /^[[\]](?=\s|;|$)/;
const redirection = /^(?:1|2|&)?>{1,2}/;

/**
 * Splits the text of `shell`, or of `command` where no character but quotes and backslashes means anything. An expression
 * `{{ ... }}` belongs to its word, blanks and all.
 */
export function splitCommandLines(text: string, shell: boolean): Split {
  const lines: { words: string[]; output?: string; end?: CommandLine['end'] }[] = [{ words: [] }];
  let word: string | undefined;
  let at = 0;
  const line = () => lines.at(-1) ?? { words: [] };
  const endWord = () => {
    if (word !== undefined) line().words.push(word);
    word = undefined;
  };
  const take = (length: number) => {
    const part = text.slice(at, at + length);
    at += length;
    return part;
  };
  /** The length of an expression that begins here. */
  const expression = () => {
    if (!text.startsWith('{{', at)) return 0;
    const end = text.indexOf('}}', at);
    return end < 0 ? 0 : end + 2 - at;
  };
  while (at < text.length) {
    const rest = text.slice(at);
    const char = rest[0] ?? '';
    const end = shell ? ends.find((one) => rest.startsWith(one)) : undefined;
    const length = expression();
    if (rest.startsWith('{%')) return { reason: 'it has statements of a template' };
    if (length > 0) {
      word = (word ?? '') + take(length);
    } else if (char === "'" || char === '"') {
      take(1);
      word ??= '';
      while (at < text.length && text[at] !== char) {
        const inner = expression();
        if (char === '"' && text[at] === '\\' && /["\\$`]/.test(text[at + 1] ?? '')) take(1);
        else if (shell && char === '"' && inner === 0 && /[$`]/.test(text[at] ?? ''))
          return { reason: 'its shell puts something in the place of variables or commands' };
        word += take(inner || 1);
      }
      if (at >= text.length) return { reason: 'a quote is not closed' };
      take(1);
    } else if (char === '\\') {
      take(1);
      const next = take(1);
      if (next !== '\n') word = (word ?? '') + next;
    } else if (end !== undefined) {
      endWord();
      take(end.length);
      if (line().words.length > 0) {
        line().end = end;
        lines.push({ words: [] });
      }
    } else if (shell && word === undefined && char === '#') {
      take(text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at) - at);
    } else if (shell && redirection.test(rest) && (word === undefined || !/^[12&]/.test(rest))) {
      endWord();
      take(redirection.exec(rest)?.[0].length ?? 0);
      const [whole = '', target = ''] = /^\s*(&[12]|[^\s;&|]+)/.exec(text.slice(at)) ?? [];
      if (target === '') return { reason: 'its output goes to nobody' };
      take(whole.length);
      if (target !== '/dev/null' && !target.startsWith('&')) line().output = target;
    } else if (/\s/.test(char)) {
      endWord();
      take(1);
    } else if (shell && word === undefined && bracket.test(rest)) {
      word = take(1);
    } else if (shell && clever.test(char)) {
      return { reason: 'its shell does more than to start programs one after the other' };
    } else {
      word = (word ?? '') + take(1);
    }
  }
  endWord();
  const whole = lines.filter(({ words }) => words.length > 0);
  return { lines: whole.map(({ words, output, end }) => ({ words, output, end })) };
}
