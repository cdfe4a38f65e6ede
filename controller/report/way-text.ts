import { cleanLine } from './clean.ts';
import type { Style } from './style.ts';
import type { Hop } from './why-types.ts';
import { cut, pad, width } from './width.ts';

/** A device of a namespace of a host: one column of the picture. */
interface Lane {
  readonly place: string;
  readonly device: string;
}

/** One line of the picture: what happened in a lane, and the lane it came from. */
interface Row {
  readonly hop: Hop;
  readonly lane: number;
  readonly from?: number;
}

const timeWidth = 10;
const leastLane = 12;
const mostLane = 24;

function laneOf({ host, netns, device }: Hop): Lane {
  return { place: netns === '' ? host : `${host}/${netns}`, device };
}

/** Columns in the order of the way. What happened at no device stands in the last lane of its namespace. */
function lanesOf(hops: readonly Hop[]): readonly Lane[] {
  const lanes: Lane[] = [];
  for (const lane of hops.map(laneOf)) {
    const known = lanes.some(
      ({ place, device }) => place === lane.place && (device === lane.device || lane.device === ''),
    );
    if (!known) lanes.push(lane);
  }
  return lanes;
}

function rowsOf(hops: readonly Hop[], lanes: readonly Lane[]): readonly Row[] {
  const rows: Row[] = [];
  const find = ({ place, device }: Lane) => {
    const exact = lanes.findIndex((lane) => lane.place === place && lane.device === device);
    return exact >= 0 ? exact : lanes.findLastIndex((lane) => lane.place === place);
  };
  for (const hop of hops) {
    const lane = find(laneOf(hop));
    const last = rows.at(-1);
    const ends = hop.what === 'dropped' || hop.what === 'delivered';
    const came = (ends || hop.what === 'received') && isLeaving(last?.hop) && last?.lane !== lane;
    if (came && last?.hop.direction === hop.direction) rows[rows.length - 1] = { hop, lane, from: last.lane };
    else if (ends && last?.hop.what === 'received' && last.lane === lane) rows[rows.length - 1] = { ...last, hop };
    else rows.push({ hop, lane });
  }
  return rows;
}

function isLeaving(hop: Hop | undefined): boolean {
  return hop?.what === 'sent' || hop?.what === 'asked';
}

function time({ us }: Hop): string {
  return us === undefined ? '' : `${(us / 1000).toFixed(us < 100_000 ? 2 : 0)} ms`;
}

/** The lanes of one line, with an arrow where the packet went from one to another. */
function track({ hop, lane, from }: Row, count: number, laneWidth: number): string {
  const cells: string[] = Array.from({ length: count * laneWidth }, (_, at) => (at % laneWidth === 0 ? '|' : ' '));
  const mark = hop.what === 'dropped' ? 'X' : 'o';
  const at = lane * laneWidth;
  if (from !== undefined) {
    const start = from * laneWidth;
    for (let column = Math.min(start, at) + 1; column < Math.max(start, at); column++) cells[column] = '-';
    cells[start] = 'o';
    cells[at < start ? at + 1 : at - 1] = at < start ? '<' : '>';
  } else if (isLeaving(hop)) {
    // It left, and nobody was seen to get it.
    cells.splice(at + 1, 3, '-', '-', '>');
  }
  cells[at] = mark;
  return cells.join('');
}

/** Puts the words beside the marks where they fit, to the right if they can, else on a line of their own. */
function withWords(line: string, text: string, columns: number): readonly string[] {
  const bare = line.trimEnd();
  const end = bare.search(/[ |]*$/);
  const after = `${bare.slice(0, end)} ${text}`;
  if (width(after) <= columns) return [after];
  return [bare, pad('', Math.max(0, columns - width(text))) + cut(text, columns)];
}

/**
 * The way as a picture: a column for each device, a line for each hop, in at most `columns` terminal columns where the
 * number of devices allows. Hops that were not seen have no time. Reads the same without colours. Empty for no hops.
 */
export function wayText(hops: readonly Hop[], columns: number, style: Style): string {
  const lanes = lanesOf(hops);
  if (lanes.length === 0) return '';
  const room = Math.max(columns - timeWidth, leastLane);
  const longest = Math.max(...hops.map(({ text }) => width(cleanLine(text))));
  // So that words fit beside the last lane, where that leaves the others enough.
  const fitting = Math.floor((room - longest - 2) / Math.max(1, lanes.length - 1));
  const laneWidth = Math.min(mostLane, Math.floor(room / lanes.length), Math.max(leastLane, fitting));
  const head = (text: (lane: Lane) => string) =>
    pad('', timeWidth) + lanes.map((lane) => pad(cut(cleanLine(text(lane)), laneWidth - 1), laneWidth)).join('');
  const lines = rowsOf(hops, lanes).flatMap((row) => {
    const { hop } = row;
    const paint = hop.what === 'dropped' ? style.bad : hop.us === undefined ? style.quiet : style.good;
    const words = withWords(track(row, lanes.length, laneWidth), cleanLine(hop.text), room);
    return words.map((line, index) => pad(index === 0 ? time(hop) : '', timeWidth) + paint(line));
  });
  return [head(({ place }) => place), head(({ device }) => device), ...lines].map((line) => line.trimEnd()).join('\n');
}
