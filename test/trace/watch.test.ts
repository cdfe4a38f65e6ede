import { expect, it } from 'vitest';
import { ProbeWatch } from '../../agent/engine/observe/watch.ts';
import type { NftMatches, NftTracer } from '../../agent/linux/trace/nft-tracer.ts';
import type { Tracers } from '../../agent/linux/trace/tracers.ts';
import { OrchError } from '../../proto/errors.ts';
import { ProbeProtocol, TraceLevel } from '../../proto/gen/orch/v1/agent.ts';

const refused = (summary: string) => {
  throw new OrchError({ code: 'command-failed', summary });
};

/** A host without tracing, whose tables tell of packets in all namespaces but some. */
function host(closed: string[], asked: NftMatches[] = []): Tracers {
  const tracer = (netns: string) =>
    ({
      table: 'orch_1',
      lines: async () =>
        netns === 'busy'
          ? refused('nft gave no usable answer: none within 15 s.')
          : { lines: [], lost: netns === 'flooded' },
      close: async () => void closed.push(netns),
    }) as unknown as NftTracer;
  return {
    openBpf: () => refused('no programs'),
    openTrace: () => refused('no tracing'),
    readBtf: async () => refused('no types'),
    traceNft: async (netns = '', matches) => {
      asked.push(...matches);
      return netns === 'old' ? refused('nft is too old') : tracer(netns);
    },
  };
}

const flow = { from: '10.0.0.1', to: '10.0.0.2', protocol: ProbeProtocol.ICMP, port: 0, nextHops: [], size: 56 };

it('goes on with what the others say where a namespace tells nothing, and says so', async () => {
  const closed: string[] = [];
  const watch = new ProbeWatch(host(closed));
  expect(await watch.start({ flow, nftNamespaces: ['', 'busy', 'flooded', 'old'], translated: [] })).toEqual({
    level: TraceLevel.NONE,
    lacking: expect.arrayContaining(['no programs', 'no tracing', 'nft in old: nft is too old']),
  });
  expect(await watch.collect(7)).toEqual({
    events: [],
    nft: [],
    lacking: expect.arrayContaining([
      'nft in busy: nft gave no usable answer: none within 15 s.',
      'nft in flooded: some of what it did was lost',
    ]),
  });
  await watch.close();
  expect(closed.toSorted()).toEqual(['', 'busy', 'flooded']);
});

it('looks at so many packets a second of what may be all clients behind NAT', async () => {
  const asked: NftMatches[] = [];
  const watch = new ProbeWatch(host([], asked));
  await watch.start({ flow, nftNamespaces: [''], translated: [{ ...flow, from: '10.0.0.9' }] });
  await watch.close();
  const limited = asked.map((matches) => Object.values(matches).map((match) => / limit rate 500\/second$/.test(match)));
  expect(limited).toEqual([
    [false, false, false],
    [true, true, true],
  ]);
});
