import { cleanLine } from '../clean.ts';
import { width as columnsOf } from '../width.ts';
import { wrap } from '../wrap.ts';
import { xmlText } from '../xml-text.ts';
import { type Box, type Column, layOut } from './svg-layout.ts';
import { textAt } from './svg-text.ts';
import { whyHead, whyNotes } from './verdict-text.ts';
import { isLeaving, pictureOf, type Row, timeText } from './way-picture.ts';
import type { Verdict, WhyReport } from './why-types.ts';

/** All lengths in px. Letters are those of a monospaced font, so that texts can be measured. */
const letter = 8;
const lineHeight = 18;
const rowHeight = 28;
const margin = 16;
const timeWidth = 11 * letter;
/** Columns that words below and beside the picture have at least. */
const leastColumns = 72;

/**
 * Its ground is drawn too, so that it reads alike on whatever page it is put; where that is a page's own markup, the names
 * keep to this picture.
 */
const style = `
.orch-why { --ground: #ffffff; --ink: #1f2328; --quiet: #59636e; --line: #8c959f; --box: #f6f8fa; --good: #1a7f37; --bad: #cf222e; }
@media (prefers-color-scheme: dark) { .orch-why { --ground: #0d1117; --ink: #e6edf3; --quiet: #9198a1; --line: #656c76; --box: #151b23; --good: #3fb950; --bad: #ff7b72; } }
.orch-why text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: var(--ink, #1f2328); }
.orch-why .ground { fill: var(--ground, #ffffff); }
.orch-why .host { fill: var(--box, #f6f8fa); stroke: var(--line, #8c959f); }
.orch-why .netns, .orch-why .device { fill: var(--ground, #ffffff); stroke: var(--line, #8c959f); }
.orch-why .lane { stroke: var(--line, #8c959f); stroke-dasharray: 2 4; }
.orch-why path { fill: none; stroke-width: 2; }
.orch-why path.good { stroke: var(--good, #1a7f37); }
.orch-why path.bad { stroke: var(--bad, #cf222e); }
.orch-why path.after { stroke: var(--quiet, #59636e); }
.orch-why path.expected { stroke-dasharray: 5 4; }
.orch-why circle.good, .orch-why text.good { fill: var(--good, #1a7f37); }
.orch-why circle.bad, .orch-why text.bad { fill: var(--bad, #cf222e); }
.orch-why circle.after, .orch-why text.after, .orch-why text.quiet { fill: var(--quiet, #59636e); }
.orch-why text.strong { font-weight: bold; }`;

function kindOf({ tone, hop }: Row): string {
  return `${tone}${hop.us === undefined ? ' expected' : ''}`;
}

/** An arrow's head at x, coming from the left (1) or from the right (-1). */
function arrowHead(x: number, y: number, side: 1 | -1): string {
  return `M${x - side * 8} ${y - 5}L${x - side * 2} ${y}L${x - side * 8} ${y + 5}`;
}

function mark({ hop, tone }: Pick<Row, 'hop' | 'tone'>, x: number, y: number): string {
  if (hop.what !== 'dropped') return `<circle class="${tone}" cx="${x}" cy="${y}" r="4"/>`;
  return `<path class="bad" d="M${x - 6} ${y - 6}L${x + 6} ${y + 6}M${x - 6} ${y + 6}L${x + 6} ${y - 6}"/>`;
}

/** What happened in one line: the mark, the arrow that led to it, its time and its words. */
function rowOf(row: Row, columns: readonly Column[], y: number, wordsAt: number): string {
  const { hop, lane, from, tone } = row;
  const x = columns[lane]?.x ?? 0;
  const start = from === undefined ? undefined : (columns[from]?.x ?? 0);
  const kind = kindOf(row);
  const parts: string[] = [];
  if (start !== undefined) {
    const side = start < x ? 1 : -1;
    parts.push(`<path class="${kind}" d="M${start} ${y}L${x - side * 2} ${y}"/>`);
    if (hop.what !== 'dropped') parts.push(`<path class="${tone}" d="${arrowHead(x - side * 3, y, side)}"/>`);
    parts.push(`<circle class="${tone === 'after' ? tone : 'good'}" cx="${start}" cy="${y}" r="4"/>`);
  } else if (isLeaving(hop)) {
    // It left, and nobody was seen to get it.
    parts.push(`<path class="${kind}" d="M${x} ${y}L${x + 26} ${y}${arrowHead(x + 28, y, 1)}"/>`);
  }
  parts.push(mark(row, x, y));
  parts.push(textAt(margin, y + 4, timeText(hop), 'quiet'));
  parts.push(textAt(wordsAt, y + 4, hop.text, hop.us === undefined && tone !== 'bad' ? 'quiet' : tone));
  return parts.join('');
}

function boxOf({ x, y, width, height, name, kind }: Box): string {
  const radius = kind === 'device' ? 4 : 8;
  const label = textAt(x + 10, y + 17, name.shown, kind === 'host' ? 'strong' : '');
  const title = name.shown === name.whole ? '' : `<title>${xmlText(name.whole)}</title>`;
  const rect = `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}"/>`;
  return `<g>${title}${rect}${label}</g>`;
}

/** Lines of text with their class. */
function verdictLines(verdict: Verdict, columns: number): readonly (readonly [text: string, kind: string])[] {
  const { sentence, confidence, cause, beware, mend } = verdict;
  const lines = (text: string, kind: string) => wrap(text, columns).map((line) => [line, kind] as const);
  return [
    ['', ''],
    ...lines(sentence, confidence === 'unknown' ? 'strong' : 'bad'),
    [`(${confidence}: ${cause})`, 'quiet'],
    ...(beware === undefined ? [] : lines(beware, '')),
    ...(mend === undefined ? [] : [['', ''] as const, [`mend on ${mend.host}:`, 'strong'] as const]),
    ...(mend?.tasks.split('\n').map((line) => [`  ${line}`, 'good'] as const) ?? []),
  ];
}

/**
 * The way as a picture for documents, complete in itself: hosts as boxes, namespaces and devices as columns, a line for
 * each hop (green; red where it died; dashed where it was not seen), the verdicts beneath. Nothing in it is markup of a host.
 */
export function whySvg(report: WhyReport): string {
  const picture = pictureOf(report.way);
  const { rows } = picture;
  const head = wrap(whyHead(report), leastColumns);
  const top = margin + head.length * lineHeight + 10;
  const layout = layOut(picture.lanes, { x: margin + timeWidth, y: top, letter });
  const firstRow = layout.headBottom + rowHeight / 2 + 6;
  const bottom = rows.length === 0 ? top : firstRow + rows.length * rowHeight;
  const wordsAt = layout.right + 14;
  const longest = Math.max(0, ...rows.map(({ hop }) => columnsOf(cleanLine(hop.text))));
  const width = Math.max(wordsAt + longest * letter, margin + leastColumns * letter) + margin;
  const columns = Math.floor((width - 2 * margin) / letter);
  const below = [
    ...whyNotes(report).flatMap((note) => wrap(note, columns).map((line) => [line, 'quiet'] as const)),
    ...report.verdicts.flatMap((verdict) => verdictLines(verdict, columns)),
  ];
  const height = bottom + 8 + below.length * lineHeight + margin;
  const lanes = layout.columns.map(({ x }) => `<path class="lane" d="M${x} ${layout.headBottom}L${x} ${bottom - 6}"/>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" class="orch-why">`,
    `<title>${xmlText(whyHead(report))}</title>`,
    `<style>${style}\n</style>`,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    ...head.map((line, index) => textAt(margin, margin + (index + 1) * lineHeight - 6, line, 'strong')),
    ...layout.boxes(bottom).map(boxOf),
    ...(rows.length === 0 ? [] : lanes),
    ...rows.map((row, index) => rowOf(row, layout.columns, firstRow + index * rowHeight, wordsAt)),
    ...below.map(([line, kind], index) => textAt(margin, bottom + 8 + (index + 1) * lineHeight, line, kind)),
    '</svg>',
    '',
  ].join('\n');
}
