import { expect, test } from 'vitest';
import type { Host } from '../../agent/linux/host.ts';
import { settled } from '../../agent/modules/shared/reach/settle.ts';

/** A host whose addresses in each namespace are tentative for so many looks; `looks`: what was asked. */
function hostOf(tentative: Readonly<Record<string, number>>) {
  const looks: string[] = [];
  const ip = async (_: readonly string[], netns = 'host') => {
    looks.push(netns);
    const isOver = looks.filter((look) => look === netns).length > (tentative[netns] ?? 0);
    const link = { ifname: 'eth0', flags: ['UP', 'LOWER_UP'], addr_info: [{ local: 'fd00::1', tentative: true }] };
    return { missing: false, rows: isOver ? [] : [link] };
  };
  return { host: { ip } as unknown as Host, looks };
}

test('tentative addresses are waited for, in the namespaces that have some', async () => {
  const { host, looks } = hostOf({ ns01: 2 });
  await settled(host, [undefined, 'ns01'], { signal: new AbortController().signal });
  expect(looks).toEqual(['host', 'ns01', 'ns01', 'ns01']);
});

test('they are not waited for for ever', async () => {
  const { host, looks } = hostOf({ ns01: 1000 });
  await settled(host, ['ns01'], { signal: new AbortController().signal, forMs: 150 });
  expect(looks).toHaveLength(3);
});
