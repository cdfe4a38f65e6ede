import { expect, test } from 'vitest';
import { withTakenName } from '../../agent/engine/taken-names.ts';
import type { Step } from '../../agent/modules/module.ts';
import { OrchError } from '../../proto/errors.ts';
import { FakeHost } from './fake-host.ts';

const host = new FakeHost({ netns: ['ns1'], links: { 'ns1/eth0': 7, eth0: 8, own: 9 } });
const exists = new OrchError({ code: 'command-failed', summary: 'RTNETLINK answers: File exists' });

async function said(words: string, error: unknown = exists): Promise<string> {
  const step: Step = { object: 'link', action: { op: 'ip', args: words.split(' ') }, undo: [] };
  const told = await withTakenName(error, step, host);
  return told instanceof OrchError ? told.summary : String(told);
}

test('the end of a pair whose name is taken is named', async () => {
  expect(await said('link add name new type veth peer name eth0 netns ns1')).toBe(
    'ns1/eth0 is there already, so it cannot be made as the other end of new.',
  );
  expect(await said('link add name own type veth peer name free')).toBe(
    'own is there already, so it cannot be made as the other end of free.',
  );
});

test('other refusals are left as they are', async () => {
  expect(await said('link add name own type dummy')).toBe(exists.summary);
  expect(await said('link add name new type veth peer name free')).toBe(exists.summary);
  const other = new OrchError({ code: 'command-failed', summary: 'Operation not permitted' });
  expect(await said('link add name new type veth peer name eth0 netns ns1', other)).toBe(other.summary);
  expect(await said('link add name new type veth peer name eth0 netns ns1', new Error('x'))).toBe('Error: x');
});
