import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { nftMatches, nftTraces } from '../../agent/engine/observe/nft.ts';
import { watchedFlow } from '../../agent/engine/observe/trace/flow.ts';
import { ProbeProtocol } from '../../proto/gen/orch/v1/agent.ts';

const folder = join(import.meta.dirname, 'nft');
const caseFile = z.strictObject({
  why: z.string(),
  own: z.string(),
  ident: z.int().default(0),
  lines: z.array(z.string()),
  records: z.array(z.string()),
});

test.each(readdirSync(folder))('%s', (name) => {
  const told = caseFile.parse(parse(readFileSync(join(folder, name), 'utf8')));
  const records = nftTraces('ns01', told.own, told.lines, told.ident).map(
    ({ netns, packet, family, table, chain, step, text, verdict }) =>
      `[${netns}] ${packet} ${family} ${table} ${chain} ${step}: ${text} -> ${verdict}`.trimEnd(),
  );
  expect(records).toEqual(told.records);
});

test.each([
  [
    ProbeProtocol.ICMP,
    '192.0.2.1',
    '192.0.2.2',
    'ip saddr 192.0.2.2 ip daddr 192.0.2.1 icmp type { echo-request, echo-reply }',
  ],
  [ProbeProtocol.TCP, '192.0.2.1', '192.0.2.2', 'ip saddr 192.0.2.2 ip daddr 192.0.2.1 tcp sport 80'],
  [ProbeProtocol.UDP, '2001:db8::1', '2001:db8::2', 'ip6 saddr 2001:db8::2 ip6 daddr 2001:db8::1 udp sport 80'],
])('what comes back is traced too: %s %s', (protocol, from, to, back) => {
  expect(nftMatches(watchedFlow({ from, to, protocol, port: 80, nextHops: [], size: 0 })).back).toBe(back);
});
