import { clean } from './clean.ts';
import type { Style } from './style.ts';

/** One line of a diff: kept, taken away or added. */
export interface DiffLine {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

// Above this many line pairs the changed middle is shown as replaced whole: a longer search would help nobody.
const mostPairs = 4_000_000;
const context = 3;
const mostLines = 500;

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
  const old = splitLines(before);
  const new_ = splitLines(after);
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

/** Unified-like text: changes with three lines around them, `...` where lines were left out; empty when nothing differs. */
export function diffText(before: string, after: string, style: Style): string {
  const lines = diffLines(before, after);
  const near = new Set<number>();
  for (const [index, line] of lines.entries()) {
    if (line.mark === ' ') continue;
    for (let i = index - context; i <= index + context; i++) near.add(i);
  }
  const paint = { ' ': (text: string) => text, '-': style.bad, '+': style.good };
  const out: string[] = [];
  let last = -1;
  for (const [index, line] of lines.entries()) {
    if (!near.has(index)) continue;
    if (out.length >= mostLines) return [...out, `... the diff goes on`].join('\n');
    if (index > last + 1) out.push('...');
    out.push(paint[line.mark](`${line.mark} ${clean(line.text)}`));
    last = index;
  }
  if (out.length > 0 && last < lines.length - 1) out.push('...');
  return out.join('\n');
}
