import { clean, cleanLine } from './clean.ts';
import type { Style } from './style.ts';
import type { Change } from './types.ts';

/** One line of a diff: kept, taken away or added. */
export interface DiffLine {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

// Above this many line pairs the changed middle is shown as replaced whole: a longer search would help nobody.
const mostPairs = 4_000_000;

function splitLines(text: string): readonly string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

const marked = (mark: DiffLine['mark'], lines: readonly string[]): DiffLine[] => lines.map((text) => ({ mark, text }));

/** The changed middle by longest common subsequence; removals come before additions. */
function middle(before: readonly string[], after: readonly string[]): DiffLine[] {
  if (before.length * after.length > mostPairs) return [...marked('-', before), ...marked('+', after)];
  const row = after.length + 1;
  const common = new Uint32Array((before.length + 1) * row);
  const at = (i: number, j: number) => common[i * row + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      common[i * row + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) {
      lines.push({ mark: ' ', text: before[i] ?? '' });
      i++;
      j++;
    } else if (at(i + 1, j) >= at(i, j + 1)) lines.push({ mark: '-', text: before[i++] ?? '' });
    else lines.push({ mark: '+', text: after[j++] ?? '' });
  }
  return [...lines, ...marked('-', before.slice(i)), ...marked('+', after.slice(j))];
}

/** All lines of both texts, in order; what stands in both is there once. */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  return compareLines(splitLines(before), splitLines(after));
}

function compareLines(old: readonly string[], new_: readonly string[]): readonly DiffLine[] {
  let head = 0;
  while (head < old.length && head < new_.length && old[head] === new_[head]) head++;
  let tail = 0;
  while (tail < old.length - head && tail < new_.length - head && old.at(-1 - tail) === new_.at(-1 - tail)) tail++;
  return [
    ...marked(' ', old.slice(0, head)),
    ...middle(old.slice(head, old.length - tail), new_.slice(head, new_.length - tail)),
    ...marked(' ', old.slice(old.length - tail)),
  ];
}

/** Groups of changes, with the lines around them. */
function hunks(lines: readonly DiffLine[], context: number): { readonly from: number; readonly to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const [index, { mark }] of lines.entries()) {
    if (mark === ' ') continue;
    const [from, to] = [Math.max(0, index - context), Math.min(lines.length, index + context + 1)];
    const last = found.at(-1);
    if (last !== undefined && from <= last.to) last.to = to;
    else found.push({ from, to });
  }
  return found;
}

/** `-1,3`: where a hunk begins in one of the texts, and how many of its lines it has. */
function range(sign: '-' | '+', lines: readonly DiffLine[], from: number, to: number): string {
  const other = sign === '-' ? '+' : '-';
  const count = (some: readonly DiffLine[]) => some.filter(({ mark }) => mark !== other).length;
  const [before, within] = [count(lines.slice(0, from)), count(lines.slice(from, to))];
  const start = within === 0 ? before : before + 1;
  return within === 1 ? `${sign}${start}` : `${sign}${start},${within}`;
}

/** The lines of a file's text; the last one says so when it does not end. */
function fileLines(text: string): readonly string[] {
  const lines = splitLines(text);
  const last = lines.at(-1);
  if (last === undefined || text.endsWith('\n')) return lines;
  return lines.with(-1, `${last}\n\\ No newline at end of file`);
}

/** Unified diffs, as Ansible has them, each with an empty line behind it; empty when nothing differs. */
export function diffText(changes: readonly Change[], style: Style, context = 3): string {
  const told = changes.flatMap((change) => [...unified(change, style, context), change.prepared ?? '']).join('');
  return told.replace(/\n$/, '');
}

/** The lines of a unified diff, with so many lines around changes. */
function unified({ before, after, path = '', afterPath = '' }: Change, style: Style, context: number): string[] {
  if (before === after) return [];
  const lines = compareLines(fileLines(before), fileLines(after));
  const paint = { ' ': (text: string) => text, '-': style.bad, '+': style.good };
  const head = (word: string, name: string) => (name === '' ? word : `${word}: ${cleanLine(name)}`);
  const out = [style.bad(head('--- before', path)), style.good(head('+++ after', afterPath))];
  for (const { from, to } of hunks(lines, context)) {
    out.push(style.quiet(`@@ ${range('-', lines, from, to)} ${range('+', lines, from, to)} @@`));
    for (const { mark, text } of lines.slice(from, to)) out.push(paint[mark](`${mark}${clean(text)}`));
  }
  return [...out, ''].map((line) => `${line}\n`);
}
