import * as z from 'zod';
import { ipAddress, linkName } from '../fields.ts';
import { formatIp, parseIp } from '../ip-address.ts';
import { number, type Row, text, texts } from '../rows.ts';
import { type EncapParams, encapField, encapOf, wantedEncap } from './encap.ts';
import { option } from './family.ts';

/** Where a route sends packets. */
export interface Way {
  readonly via: string | undefined;
  readonly dev: string | undefined;
  readonly onlink: boolean;
  /** In ip's words. */
  readonly encap: string | undefined;
  /** Of several ways: its part of the traffic. */
  readonly weight: number;
}

/** One of a route's `nexthops`. */
export const wayFields = z.strictObject({
  via: ipAddress.optional().describe('Address of the next hop.'),
  dev: linkName.optional().describe('Link to send by.'),
  weight: z.int().min(1).max(256).default(1).describe('Its part of the traffic, against the others.'),
  onlink: z.boolean().default(false).describe('Take `via` to be on `dev` even if no address there says so.'),
  encap: encapField.optional().describe('What is put around the packets.'),
});

interface WayParams {
  readonly via?: string | undefined;
  readonly dev?: string | undefined;
  readonly onlink: boolean;
  readonly encap?: EncapParams | undefined;
  readonly weight?: number | undefined;
}

export function wantedWay({ via, dev, onlink, encap, weight = 1 }: WayParams): Way {
  const ip = via === undefined ? undefined : parseIp(via);
  return { via: ip && formatIp(ip), dev, onlink, encap: wantedEncap(encap), weight };
}

export function wayOf(row: Row): Way {
  const { via } = row;
  const otherFamily = typeof via === 'object' && via !== null && 'host' in via ? String(via.host) : undefined;
  return {
    via: text(row, 'gateway') ?? otherFamily,
    dev: text(row, 'dev'),
    onlink: texts(row, 'flags').includes('onlink'),
    encap: encapOf(row),
    weight: number(row, 'weight') ?? 1,
  };
}

/** Whether a way of the kernel is the wanted one; the link may be left open. */
function sameWay(row: Way, wanted: Way): boolean {
  return (
    row.via === wanted.via &&
    (wanted.dev === undefined || row.dev === wanted.dev) &&
    row.onlink === wanted.onlink &&
    row.encap === wanted.encap &&
    row.weight === wanted.weight
  );
}

/** Whether the ways are the wanted ones, in any order. */
export function sameWays(present: readonly Way[], wanted: readonly Way[]): boolean {
  const left = [...present];
  return (
    present.length === wanted.length &&
    wanted.every((way) => {
      const at = left.findIndex((row) => sameWay(row, way));
      if (at >= 0) left.splice(at, 1);
      return at >= 0;
    })
  );
}

function viaWords(via: string, family: 4 | 6): string[] {
  const other = via.includes(':') !== (family === 6);
  return other ? ['via', via.includes(':') ? 'inet6' : 'inet', via] : ['via', via];
}

function encapWords(encap: string | undefined): string[] {
  return encap === undefined ? [] : ['encap', ...encap.split(' ')];
}

/** What tells a way from others, for people and for a deletion. */
export function wayWords(way: Way, family: 4 | 6): string[] {
  return [
    ...encapWords(way.encap),
    ...(way.via === undefined ? [] : viaWords(way.via, family)),
    ...option('dev', way.dev),
  ];
}

/** One of several ways. */
export function nexthopWords(way: Way, family: 4 | 6): string[] {
  const onlink = way.onlink ? ['onlink'] : [];
  return ['nexthop', ...wayWords(way, family), 'weight', String(way.weight), ...onlink];
}
