import { cleanLine } from '../clean.ts';
import { wrap } from '../wrap.ts';
import { whyHead, whyNotes } from './verdict-text.ts';
import { isLeaving, type Lane, pictureOf, type Row, timeText } from './way-picture.ts';
import type { WhyReport } from './why-types.ts';

const noteColumns = 72;

/** Grounds behind the lines, pale enough for dark and light pages. */
const grounds = {
  good: 'rgba(26, 127, 55, 0.15)',
  bad: 'rgba(207, 34, 46, 0.25)',
  after: 'rgba(128, 128, 128, 0.15)',
} as const;

/**
 * Text in Mermaid's own form of entities (`#NUMBER;`), so that none of it is read as syntax: all but letters, digits, blanks
 * and a few signs, and the word that ends a block.
 */
function mermaidText(text: string): string {
  const whole = cleanLine(text).replace(/[\ud800-\udfff]/gu, '\ufffd');
  const plain = whole.replace(/[^\p{L}\p{N} ._/()=,?|-]/gu, (char) => `#${char.codePointAt(0)};`);
  return plain.replace(/\bend\b/gi, (word) => `#${word.charCodeAt(0)};${word.slice(1)}`);
}

function participant({ netns, device }: Lane, index: number): string {
  const lines = [netns, device === '' ? '-' : device].filter((line) => line !== '');
  return `    participant L${index} as ${lines.map(mermaidText).join('<br/>')}`;
}

/** Hosts as boxes around their devices. */
function boxes(lanes: readonly Lane[]): readonly string[] {
  const lines: string[] = [];
  for (const [index, lane] of lanes.entries()) {
    if (lanes[index - 1]?.host !== lane.host) lines.push(`  box transparent ${mermaidText(lane.host)}`);
    lines.push(participant(lane, index));
    if (lanes[index + 1]?.host !== lane.host) lines.push('  end');
  }
  return lines;
}

function rowText({ hop, lane, from }: Row): string {
  const words = mermaidText([timeText(hop), hop.text].filter((text) => text !== '').join(' '));
  const line = hop.us === undefined ? '--' : '-';
  if (from !== undefined) return `L${from}${line}${hop.what === 'dropped' ? 'x' : '>>'}L${lane}: ${words}`;
  // It left, and nobody was seen to get it.
  if (isLeaving(hop)) return `L${lane}${line})L${lane}: ${words}`;
  return `Note over L${lane}: ${words}`;
}

function rowLines(rows: readonly Row[]): readonly string[] {
  return rows.flatMap((row, index) => {
    const ground = row.tone;
    const [before, after] = [rows[index - 1], rows[index + 1]];
    const opens = before === undefined || before.tone !== ground;
    const closes = after === undefined || after.tone !== ground;
    return [...(opens ? [`  rect ${grounds[ground]}`] : []), `    ${rowText(row)}`, ...(closes ? ['  end'] : [])];
  });
}

/** The way as a sequence diagram of Mermaid: a participant for each device, grouped by hosts, the verdicts beneath. */
export function whyMermaid(report: WhyReport): string {
  const { lanes, rows } = pictureOf(report.way);
  const place = lanes.length > 1 ? `L0,L${lanes.length - 1}` : 'L0';
  const note = (...texts: readonly string[]) =>
    `  Note over ${place}: ${texts
      .flatMap((text) => wrap(text, noteColumns))
      .map(mermaidText)
      .join('<br/>')}`;
  const mends = (tasks: string) =>
    tasks.split('\n').map((line) => line.replace(/^ +/, (blanks) => '\u00a0'.repeat(blanks.length)));
  return [
    'sequenceDiagram',
    // Without a lane there is nobody to speak of.
    ...(lanes.length === 0 ? ['  participant L0 as -'] : boxes(lanes)),
    note(whyHead(report)),
    ...rowLines(rows),
    ...whyNotes(report).map((text) => note(text)),
    ...report.verdicts.map(({ sentence, confidence, cause }) => note(sentence, `(${confidence}: ${cause})`)),
    ...report.verdicts.flatMap(({ mend }) =>
      mend === undefined ? [] : [note(`mend on ${mend.host}:`, ...mends(mend.tasks))],
    ),
    '',
  ].join('\n');
}
