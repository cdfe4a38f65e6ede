import type { WatchedFlow } from './flow.ts';
import { parseTrace, type TraceLine } from './line.ts';
import { drop, placesOf } from './places.ts';
import type { Sighting } from './sighting.ts';

/** What the file `trace` of an instance tells of a flow. */
export function sightingsOf(text: string, flow: WatchedFlow): readonly Sighting[] {
  const bases = new Map(placesOf(flow).map(({ event, base }) => [event, base]));
  return parseTrace(text).map((line) => sightingOf(line, bases.get(line.event) ?? 0));
}

function sightingOf(line: TraceLine, base: number): Sighting {
  const { event, us, fields } = line;
  const dev = fields.get('dev') ?? '';
  return {
    ...{ event, us, packet: fields.get('skb') ?? '', netnsInode: number(line, 'ns') },
    device: dev === '(fault)' ? '' : Buffer.from(dev, 'latin1').toString('utf8'),
    protocol: number(line, 'proto'),
    head: event === drop.event ? droppedHead(line) : inOnePiece(line, base, bytesOf(fields.get('w'))),
    reason: number(line, 'reason'),
    location: /^[\w.]+/.exec(fields.get('loc') ?? '')?.[0] ?? '',
  };
}

/** What is kept around a dropped packet's data, from its header on. */
function droppedHead(line: TraceLine): Buffer {
  const [start, data] = [line.fields.get('head'), line.fields.get('data')];
  if (!isHex(start) || !isHex(data)) return Buffer.alloc(0);
  const base = Number(BigInt(start) - BigInt(data)) + number(line, 'nh');
  const at = base + drop.before;
  if (at < 0 || at >= drop.bytes) return Buffer.alloc(0);
  return inOnePiece(line, base, bytesOf(line.fields.get('w')).subarray(at));
}

/** What was kept from `base` bytes behind the data's begin on, without what is not the packet's: its rest lies in pages of their own. */
function inOnePiece(line: TraceLine, base: number, kept: Buffer): Buffer {
  const inPages = number(line, 'pages');
  return inPages === 0 ? kept : kept.subarray(0, Math.max(0, number(line, 'len') - inPages - base));
}

function number(line: TraceLine, field: string): number {
  const text = line.fields.get(field) ?? '';
  return /^-?(\d+|0x[0-9a-f]+)$/.test(text) ? Number(text) : 0;
}

function isHex(text: string | undefined): text is string {
  return text !== undefined && /^0x[0-9a-f]{1,16}$/.test(text);
}

/** `{0x45,0x1}`: words of 8 bytes as this machine reads them, the lowest byte first. */
function bytesOf(text = ''): Buffer {
  const words = text.startsWith('{') ? text.slice(1, -1).split(',') : [];
  const bytes = Buffer.alloc(8 * words.length);
  for (const [index, word] of words.entries()) if (isHex(word)) bytes.writeBigUInt64LE(BigInt(word), 8 * index);
  return bytes;
}
