import type { Hop } from './why-types.ts';

/** A device of a namespace of a host: one column of the picture. */
export interface Lane {
  readonly host: string;
  /** Empty: the host's own. */
  readonly netns: string;
  readonly device: string;
}

/** One line of the picture: what happened in a lane, and the lane it came from. */
export interface Row {
  readonly hop: Hop;
  /** Index of the lane. */
  readonly lane: number;
  readonly from?: number;
  /** Whether all was well until here, it died here, or it happened after that. */
  readonly tone: 'good' | 'bad' | 'after';
}

type Drawn = Omit<Row, 'tone'>;

/** The way as columns and lines, whatever draws it. */
export interface WayPicture {
  readonly lanes: readonly Lane[];
  readonly rows: readonly Row[];
}

/** vm02/ns01. */
export function placeOf({ host, netns }: Pick<Lane, 'host' | 'netns'>): string {
  return netns === '' ? host : `${host}/${netns}`;
}

/** Columns in the order of the way, those of one host and of one namespace beside each other. */
export function pictureOf(hops: readonly Hop[]): WayPicture {
  const lanes = lanesOf(hops);
  const rows = rowsOf(hops, lanes);
  const death = rows.findIndex(({ hop }) => hop.what === 'dropped');
  const toneOf = ({ hop }: Drawn, index: number) =>
    hop.what === 'dropped' ? 'bad' : death >= 0 && index > death ? 'after' : 'good';
  return { lanes, rows: rows.map((row, index) => ({ ...row, tone: toneOf(row, index) })) };
}

/** True for a packet that left a device. */
export function isLeaving(hop: Hop | undefined): boolean {
  return hop?.what === 'sent' || hop?.what === 'asked';
}

/** Milliseconds since the first hop; empty where it was not seen. */
export function timeText({ us }: Hop): string {
  return us === undefined ? '' : `${(us / 1000).toFixed(us < 100_000 ? 2 : 0)} ms`;
}

/** What happened at no device stands in the last lane of its namespace. */
function lanesOf(hops: readonly Hop[]): readonly Lane[] {
  const lanes: Lane[] = [];
  for (const { host, netns, device } of hops) {
    const known = lanes.some(
      (lane) => lane.host === host && lane.netns === netns && (device === lane.device || device === ''),
    );
    if (!known) lanes.push({ host, netns, device });
  }
  const first = (same: (lane: Lane) => boolean) => lanes.findIndex(same);
  return [...lanes].sort(
    (one, other) =>
      first(({ host }) => host === one.host) - first(({ host }) => host === other.host) ||
      first((lane) => placeOf(lane) === placeOf(one)) - first((lane) => placeOf(lane) === placeOf(other)),
  );
}

function rowsOf(hops: readonly Hop[], lanes: readonly Lane[]): readonly Drawn[] {
  const rows: Drawn[] = [];
  const find = ({ host, netns, device }: Hop) => {
    const isPlace = (lane: Lane) => lane.host === host && lane.netns === netns;
    const exact = lanes.findIndex((lane) => isPlace(lane) && lane.device === device);
    return exact >= 0 ? exact : lanes.findLastIndex(isPlace);
  };
  for (const hop of hops) {
    const lane = find(hop);
    const last = rows.at(-1);
    const ends = hop.what === 'dropped' || hop.what === 'delivered';
    const onward = last !== undefined && last.lane !== lane && last.hop.direction === hop.direction;
    if (onward && isLeaving(last.hop) && (ends || hop.what === 'received')) {
      rows[rows.length - 1] = { hop, lane, from: last.lane };
    } else if (ends && last?.hop.what === 'received' && last.lane === lane) rows[rows.length - 1] = { ...last, hop };
    else {
      // A router is left by another device than it was reached by.
      if (onward && hop.what === 'sent' && last.hop.what === 'forwarded' && placeOf(last.hop) === placeOf(hop)) {
        rows[rows.length - 1] = { hop: last.hop, lane, from: last.lane };
      }
      rows.push(onward && isInside(last.hop, hop) ? { hop, lane, from: last.lane } : { hop, lane });
    }
  }
  return rows;
}

/** True where a host handed a packet on from one of its devices to another without its having left. */
function isInside(last: Hop, hop: Hop): boolean {
  const stays = last.what === 'received' || last.what === 'forwarded';
  return stays && last.host === hop.host && hop.what !== 'sent' && hop.what !== 'asked';
}
