import { Fault } from '../fault.ts';

interface Layout {
  readonly width: number;
  /** Breaks words that are longer than a line. */
  readonly breakLong: boolean;
  /** Breaks words behind their hyphens. */
  readonly atHyphens: boolean;
}

const isBlank = (text: string): boolean => text.trim() === '';

/** Words and what is between them; of a word with hyphens its parts. */
function chunksOf(line: string, atHyphens: boolean): string[] {
  const chunks = line.match(/\s+|\S+/g) ?? [];
  return atHyphens ? chunks.flatMap((chunk) => chunk.split(/(?<=\p{L}{2}-)(?=\p{L}-?\p{L})/u)) : chunks;
}

/** How much of a word that is longer than a line goes into what is left of this one. */
function cutAt(word: string, left: number, atHyphens: boolean): number {
  const hyphen = atHyphens && word.length > left ? word.slice(0, left).lastIndexOf('-') : -1;
  return hyphen > 0 && /[^-]/.test(word.slice(0, hyphen)) ? hyphen + 1 : left;
}

/** The lines of at most `width` characters that one line becomes, as Python's textwrap breaks it. */
export function wrapLine(line: string, { width, breakLong, atHyphens }: Layout): string[] {
  if (width < 1) throw new Fault("'width' must be at least 1");
  const chunks = chunksOf(line, atHyphens);
  const lines: string[] = [];
  while (chunks.length > 0) {
    if (lines.length > 0 && isBlank(chunks[0] ?? '')) chunks.shift();
    const taken: string[] = [];
    let length = 0;
    for (let [next] = chunks; next !== undefined && length + next.length <= width; [next] = chunks) {
      taken.push(next);
      length += next.length;
      chunks.shift();
    }
    const [long] = chunks;
    if (long !== undefined && long.length > width && (breakLong || taken.length === 0)) {
      const end = breakLong ? cutAt(long, width - length, atHyphens) : long.length;
      taken.push(long.slice(0, end));
      if (end < long.length) chunks[0] = long.slice(end);
      else chunks.shift();
    }
    if (isBlank(taken.at(-1) ?? 'x')) taken.pop();
    if (taken.length > 0) lines.push(taken.join(''));
  }
  return lines;
}
