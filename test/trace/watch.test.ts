import { expect, it } from 'vitest';
import { ProbeWatch } from '../../agent/engine/observe/watch.ts';
import type { NftTracer } from '../../agent/linux/trace/nft-tracer.ts';
import type { Tracers } from '../../agent/linux/trace/tracers.ts';
import { OrchError } from '../../proto/errors.ts';
import { ProbeProtocol, TraceLevel } from '../../proto/gen/orch/v1/agent.ts';

const refused = (summary: string) => {
  throw new OrchError({ code: 'command-failed', summary });
};

/** A host without tracing, whose tables tell of packets in all namespaces but some. */
function host(closed: string[]): Tracers {
  const tracer = (netns: string) =>
    ({
      table: 'orch_1',
      lines: async () => (netns === 'busy' ? refused('nft gave no usable answer: none within 15 s.') : []),
      close: async () => void closed.push(netns),
    }) as unknown as NftTracer;
  return {
    openBpf: () => refused('no programs'),
    openTrace: () => refused('no tracing'),
    readBtf: async () => refused('no types'),
    traceNft: async (netns = '') => (netns === 'old' ? refused('nft is too old') : tracer(netns)),
  };
}

it('goes on with what the others say where a namespace tells nothing, and says so', async () => {
  const closed: string[] = [];
  const watch = new ProbeWatch(host(closed));
  const flow = { from: '10.0.0.1', to: '10.0.0.2', protocol: ProbeProtocol.ICMP, port: 0, nextHops: [], size: 56 };
  expect(await watch.start({ flow, nftNamespaces: ['', 'busy', 'old'], translated: [] })).toEqual({
    level: TraceLevel.NONE,
    lacking: expect.arrayContaining(['no programs', 'no tracing', 'nft in old: nft is too old']),
  });
  expect(await watch.collect(7)).toEqual({
    events: [],
    nft: [],
    lacking: ['nft in busy: nft gave no usable answer: none within 15 s.'],
  });
  await watch.close();
  expect(closed.toSorted()).toEqual(['', 'busy']);
});
