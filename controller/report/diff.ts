import { clean, cleanLine } from './clean.ts';
import type { Style } from './style.ts';
import type { Change, Changes } from './types.ts';

/** One line of a diff: kept, taken away or added. */
export interface DiffLine {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

/** Above this many steps what is left is shown as replaced whole: a longer search would help nobody. */
const mostSteps = 4_000_000;

function splitLines(text: string): readonly string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

const marked = (mark: DiffLine['mark'], lines: readonly string[]): DiffLine[] => lines.map((text) => ({ mark, text }));

/** Lines that both texts have one behind the other: where they begin in each, and how many. */
interface Block {
  readonly old: number;
  readonly fresh: number;
  readonly size: number;
}

/**
 * The blocks that two texts share as Python's difflib finds them, whose diffs Ansible shows: the longest one, the first of several,
 * and the same before it and behind it. Where there are many lines, those that stand everywhere begin none.
 */
function sharedBlocks(old: readonly string[], fresh: readonly string[]): readonly Block[] {
  const places = new Map<string, number[]>();
  for (const [at, line] of fresh.entries()) {
    const known = places.get(line);
    if (known) known.push(at);
    else places.set(line, [at]);
  }
  const everywhere = fresh.length >= 200 ? Math.floor(fresh.length / 100) + 1 : fresh.length;
  for (const [line, all] of places) if (all.length > everywhere) places.delete(line);
  let steps = 0;

  const longest = (from: Block, to: Block): Block => {
    let best = { ...from, size: 0 };
    let before = new Map<number, number>();
    for (let at = from.old; at < to.old && steps < mostSteps; at++) {
      const sizes = new Map<number, number>();
      for (const place of places.get(old[at] ?? '') ?? []) {
        if (place < from.fresh) continue;
        if (place >= to.fresh) break;
        const size = (before.get(place - 1) ?? 0) + 1;
        sizes.set(place, size);
        if (size > best.size) best = { old: at - size + 1, fresh: place - size + 1, size };
        steps++;
      }
      before = sizes;
      steps++;
    }
    let { old: first, fresh: other, size } = best;
    for (; first > from.old && other > from.fresh && old[first - 1] === fresh[other - 1]; size++) {
      first--;
      other--;
    }
    while (first + size < to.old && other + size < to.fresh && old[first + size] === fresh[other + size]) size++;
    return { old: first, fresh: other, size };
  };

  const found: Block[] = [];
  const open = [{ from: { old: 0, fresh: 0, size: 0 }, to: { old: old.length, fresh: fresh.length, size: 0 } }];
  for (let range = open.pop(); range !== undefined; range = open.pop()) {
    const block = longest(range.from, range.to);
    if (block.size === 0) continue;
    found.push(block);
    const end = { old: block.old + block.size, fresh: block.fresh + block.size, size: 0 };
    open.push({ from: range.from, to: block }, { from: end, to: range.to });
  }
  return found.sort((a, b) => a.old - b.old);
}

/** All lines of both texts, in order; what stands in both is there once, and what goes before what comes. */
export function diffLines(old: readonly string[], fresh: readonly string[]): readonly DiffLine[] {
  const lines: DiffLine[][] = [];
  let [from, other] = [0, 0];
  for (const block of [...sharedBlocks(old, fresh), { old: old.length, fresh: fresh.length, size: 0 }]) {
    lines.push(marked('-', old.slice(from, block.old)), marked('+', fresh.slice(other, block.fresh)));
    [from, other] = [block.old + block.size, block.fresh + block.size];
    lines.push(marked(' ', old.slice(block.old, from)));
  }
  return lines.flat();
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
export function diffText({ more = [], ...first }: Changes, style: Style, context = 3): string {
  const told = [first, ...more]
    .flatMap((change) => [...unified(change, style, context), clean(change.prepared ?? '')])
    .join('');
  return told.replace(/\n$/, '');
}

/** The lines of a unified diff, with so many lines around changes. */
function unified({ before, after, path = '', afterPath = '' }: Change, style: Style, context: number): string[] {
  if (before === after) return [];
  const lines = diffLines(fileLines(before), fileLines(after));
  const paint = { ' ': (text: string) => text, '-': style.bad, '+': style.good };
  const head = (word: string, name: string) => (name === '' ? word : `${word}: ${cleanLine(name)}`);
  const out = [style.bad(head('--- before', path)), style.good(head('+++ after', afterPath))];
  for (const { from, to } of hunks(lines, context)) {
    out.push(style.quiet(`@@ ${range('-', lines, from, to)} ${range('+', lines, from, to)} @@`));
    for (const { mark, text } of lines.slice(from, to)) out.push(paint[mark](`${mark}${clean(text)}`));
  }
  return [...out, ''].map((line) => `${line}\n`);
}
