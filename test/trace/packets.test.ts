import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { sightingsOf } from '../../agent/engine/observe/trace/events-seen.ts';
import { follow } from '../../agent/engine/observe/trace/follow.ts';
import { symbolsOf } from '../../agent/engine/observe/trace/format.ts';
import { lostEvents } from '../../agent/engine/observe/trace/line.ts';
import { PacketEvent_Kind as Kind, type PacketEvent } from '../../proto/gen/orch/v1/agent.ts';
import { flowCase, flowOf } from './flow-case.ts';

const folder = join(import.meta.dirname, 'packets');
const formatOf = (kernel: string) => readFileSync(join(import.meta.dirname, 'kernels', `${kernel}.format`), 'latin1');

// A case: what the kernel's tracing showed (its file, or lines), and what of it is the flow's.
const caseFile = z.strictObject({
  why: z.string(),
  kernel: z.enum(['6.1', '6.12']).default('6.12'),
  flow: flowCase,
  ident: z.number().default(0),
  file: z.string().optional(),
  lines: z.string().default(''),
  events: z.array(z.string()),
});

const kindNames = new Map(Object.entries(Kind).map(([name, value]) => [value, name.toLowerCase()]));

function written(event: PacketEvent): string {
  const { device, netnsInode, arp, protocol, from, to, type, ident, sequence, about, reason, location } = event;
  const what = arp ? 'arp' : `ip ${protocol}`;
  const more = [about ? 'about' : '', reason, location].filter((word) => word !== '');
  const where = `${kindNames.get(event.kind)} ${device || '?'}@${netnsInode}`;
  return [`${where} ${what} ${from} > ${to} ${type}/${ident}/${sequence}`, ...more].join(' ');
}

describe('packets of a flow', () => {
  test.each(readdirSync(folder).filter((name) => name.endsWith('.yml')))('%s', (name) => {
    const told = caseFile.parse(parse(readFileSync(join(folder, name), 'utf8')));
    const text = told.file === undefined ? told.lines : readFileSync(join(folder, told.file), 'latin1');
    const flow = flowOf(told.flow);
    const reasons = symbolsOf(formatOf(told.kernel), 'reason');
    expect(follow(sightingsOf(text, flow), { flow, ident: told.ident, reasons }).map(written)).toEqual(told.events);
  });
});

test('reasons are what the kernel calls them', () => {
  const reasons = symbolsOf(formatOf('6.12'), 'reason');
  expect([2, 11, 15, 103, 104].map((number) => reasons.get(number))).toEqual([
    ...['NOT_SPECIFIED', 'NETFILTER_DROP', 'IP_RPFILTER', 'LOCAL_MAC', 'MAX'],
  ]);
  expect(symbolsOf('print fmt: "reason: %s", REC->reason', 'reason').size).toBe(0);
});

test('events that the buffer could not hold are counted', () => {
  expect(lostEvents('# tracer: nop\n#\n# entries-in-buffer/entries-written: 38/41   #P:1\n')).toBe(3);
  expect(lostEvents('# tracer: nop\n')).toBe(0);
});
