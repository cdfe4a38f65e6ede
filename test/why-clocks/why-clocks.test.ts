import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { readEvents } from '../../controller/reach/why/read/read-events.ts';
import { PacketEvent_Kind as Kind, PacketEvent } from '../../proto/gen/orch/v1/agent.ts';

// A case: what hosts saw by their own clocks, how those were measured, and the order that is told, with its times.
const event = z.strictObject({
  us: z.number(),
  kind: z.enum(['OUTPUT', 'TRANSMIT', 'RECEIVE', 'NEIGHBOUR', 'DELIVER']),
  from: z.string().default('10.0.0.1'),
  to: z.string().default('10.0.0.2'),
  arp: z.boolean().default(false),
  type: z.int().default(8),
  ttl: z.int().default(64),
});
const caseFile = z.strictObject({
  why: z.string(),
  hosts: z.array(
    z.strictObject({ host: z.string(), offsetUs: z.number(), errorUs: z.number(), events: z.array(event) }),
  ),
  order: z.array(z.string()),
});

const folder = join(import.meta.dirname, 'cases');

test.each(readdirSync(folder))('%s', (file) => {
  const { hosts, order } = caseFile.parse(parse(readFileSync(join(folder, file), 'utf8')));
  const { events } = readEvents(
    hosts.map(({ events, ...clock }) => ({
      ...clock,
      netns: new Map(),
      collected: {
        ...{ nft: [], lacking: [] },
        events: events.map(({ us, kind, ...rest }) => ({
          ...PacketEvent.decode(new Uint8Array()),
          ...rest,
          ...{ monotonicUs: us, kind: Kind[kind], protocol: rest.arp ? 0 : 1 },
        })),
      },
    })),
    '10.0.0.1',
  );
  expect(events.map(({ us, host, kind, direction }) => `${us} ${host} ${kind} ${direction}`)).toEqual(order);
});
