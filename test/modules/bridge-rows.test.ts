import { expect, it } from 'vitest';
import { bridgeRows } from '../../agent/modules/shared/bridge/query.ts';

const answering = (stderr: string) => ({
  exec: async () => ({ status: 1, stdout: '', stderr, timedOut: false }),
});

it('takes a kernel that has had no bridge for one without entries', async () => {
  const host = answering('RTNETLINK answers: Operation not supported\nDump terminated\n');
  expect(await bridgeRows(host, 'ns1', ['mdb', 'show'])).toEqual([]);
});

it('tells a device that is not there from one without entries', async () => {
  const host = answering('Cannot find device "br0"\n');
  expect(await bridgeRows(host, undefined, ['mdb', 'show', 'dev', 'br0'])).toBeUndefined();
});

it('says what bridge says of anything else', async () => {
  const host = answering('RTNETLINK answers: No buffer space available\n');
  await expect(bridgeRows(host, 'ns1', ['mdb', 'show'])).rejects.toThrow(
    'bridge -n ns1 -j mdb show failed: RTNETLINK answers: No buffer space available',
  );
});
