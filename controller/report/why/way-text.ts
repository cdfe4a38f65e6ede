import { cleanLine } from '../clean.ts';
import type { Style } from '../style.ts';
import { cut, pad, width } from '../width.ts';
import { isLeaving, type Lane, pictureOf, placeOf, type Row, timeText, type WayPicture } from './way-picture.ts';
import type { Hop } from './why-types.ts';

const timeWidth = 10;
/** A lane that has its name above it. */
const leastNamed = 12;
/** One that has a number. */
const leastLane = 4;
const mostLane = 24;

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

function paintOf({ tone, hop }: Row, style: Style): (text: string) => string {
  return tone === 'bad' ? style.bad : tone === 'after' || hop.us === undefined ? style.quiet : style.good;
}

function timed(row: Row, lines: readonly string[], style: Style): readonly string[] {
  const { hop } = row;
  const paint = paintOf(row, style);
  return lines.map((line, index) => pad(index === 0 ? timeText(hop) : '', timeWidth) + paint(line));
}

/** The lanes and what happened in them, below `head`. */
function drawn({ lanes, rows }: WayPicture, head: readonly string[], laneWidth: number, room: number, style: Style) {
  const lines = rows.flatMap((row) => {
    const words = withWords(track(row, lanes.length, laneWidth), cleanLine(row.hop.text), room);
    return timed(row, words, style);
  });
  return [...head, ...lines];
}

function heading(lanes: readonly Lane[], laneWidth: number, text: (lane: Lane, index: number) => string): string {
  const cells = lanes.map((lane, index) => pad(cut(cleanLine(text(lane, index)), laneWidth - 1), laneWidth));
  return pad('', timeWidth) + cells.join('');
}

/** With the names of places and devices above the lanes. */
function named(picture: WayPicture, room: number, style: Style): readonly string[] {
  const { lanes, rows } = picture;
  const longest = Math.max(...rows.map(({ hop }) => width(cleanLine(hop.text))));
  // So that words fit beside the last lane, where that leaves the others enough.
  const fitting = Math.floor((room - longest - 2) / Math.max(1, lanes.length - 1));
  const laneWidth = Math.min(mostLane, Math.floor(room / lanes.length), Math.max(leastNamed, fitting));
  const head = [heading(lanes, laneWidth, placeOf), heading(lanes, laneWidth, ({ device }) => device)];
  return drawn(picture, head, laneWidth, room, style);
}

/** With numbers above the lanes, which a list before them explains. */
function numbered(picture: WayPicture, room: number, style: Style): readonly string[] {
  const { lanes } = picture;
  const laneWidth = Math.min(leastNamed, Math.floor(room / lanes.length));
  const list = lanes.map((lane, index) => {
    const name = `${String(index + 1).padStart(2)}  ${placeOf(lane)} ${lane.device}`.trimEnd();
    return pad('', timeWidth) + cut(cleanLine(name), room);
  });
  const head = [...list, '', heading(lanes, laneWidth, (_, index) => String(index + 1))];
  return drawn(picture, head, laneWidth, room, style);
}

/** A line for each hop, with its place in words: more lanes than there is room for. */
function listed({ lanes, rows }: WayPicture, room: number, style: Style): readonly string[] {
  const name = (index: number | undefined) => {
    const lane = index === undefined ? undefined : lanes[index];
    return lane === undefined ? '' : `${placeOf(lane)} ${lane.device}`.trimEnd();
  };
  return rows.flatMap((row) => {
    const { hop, lane, from } = row;
    const mark = hop.what === 'dropped' ? 'X' : 'o';
    const way = from === undefined ? name(lane) : `${name(from)} -> ${name(lane)}`;
    return timed(row, withWords(`${mark} ${cut(cleanLine(way), room - 2)}`, cleanLine(hop.text), room), style);
  });
}

/**
 * The way as a picture: a column for each device, a line for each hop, in at most `columns` terminal columns: columns are
 * numbered where names would not fit, and become a list where even that is too wide. Hops that were not seen have no time.
 * Reads the same without colours. Empty for no hops.
 */
export function wayText(hops: readonly Hop[], columns: number, style: Style): string {
  const picture = pictureOf(hops);
  const { lanes } = picture;
  if (lanes.length === 0) return '';
  const room = Math.max(columns - timeWidth, leastNamed);
  const longest = Math.max(...lanes.map((lane) => Math.max(width(placeOf(lane)), width(lane.device))));
  const share = Math.floor(room / lanes.length);
  const draw =
    share >= Math.min(leastNamed, longest + 1) && share >= leastLane ? named : share >= leastLane ? numbered : listed;
  return draw(picture, room, style)
    .map((line) => line.trimEnd())
    .join('\n');
}
