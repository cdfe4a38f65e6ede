import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { judge } from '../../controller/reach/why/judge.ts';
import { type Evidence, evidenceSchema } from '../../controller/reach/why/seen/evidence.ts';

// A case is what was seen of a lab in order, recorded by `orch why --record`. Its probe was answered; had it not been, for a
// reason that nobody can see, no cause may blame what is as it should be, whatever other traffic does meanwhile.
const caseFile = z.strictObject({ why: z.string(), evidence: evidenceSchema });

const folder = join(import.meta.dirname, 'cases');
const cases = readdirSync(folder).map((file) => ({
  file,
  evidence: caseFile.parse(parse(readFileSync(join(folder, file), 'utf8'))).evidence,
}));

/** What other traffic does to a host: counters that grow, queues that drop, copies that nobody takes. */
function withNoise(evidence: Evidence): Evidence {
  const grown = {
    'TcpExt.IPReversePathFilter': 40,
    'TcpExt.ListenOverflows': 2,
    'Ip.InDiscards': 3,
    'Ip.InAddrErrors': 5,
    'Ip.OutNoRoutes': 7,
    'Ip.FragFails': 1,
    'Udp.NoPorts': 1000,
    'Icmp.OutDestUnreachs': 1000,
    Ip6InNoRoutes: 4,
  };
  const places = evidence.places.map((place) => ({
    ...place,
    grown,
    qdiscs: place.links.map(({ name }) => ({
      ...{ dev: name, kind: 'fq_codel', root: true, loss: 0, delayMs: 0, drops: 17 },
    })),
  }));
  const { host, netns, to } = evidence.question;
  const copy = evidenceSchema.shape.events.unwrap().element.parse({
    ...{ host, netns, kind: 'drop', direction: 'reply', from: to, to: evidence.probe.from },
    ...{ reason: 'NO_SOCKET', location: 'icmp_rcv' },
  });
  return { ...evidence, places, events: [...evidence.events, copy] };
}

test.each(cases)('$file: nobody is blamed', ({ evidence }) => {
  expect(judge(evidence)).toEqual([]);
  const silent: Evidence = { ...evidence, probe: { ...evidence.probe, outcome: 'silent' } };
  for (const seen of [silent, withNoise(silent)]) {
    expect(judge(seen).map(({ cause, sentence }) => ({ cause, sentence }))).toMatchObject([{ cause: 'unknown' }]);
  }
});
