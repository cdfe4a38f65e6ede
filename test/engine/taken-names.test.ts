import { describe, expect, test } from 'vitest';
import { PlannedSteps } from '../../agent/engine/check/planned-steps.ts';
import { refuseTakenNames, withTakenName } from '../../agent/engine/steps/taken-names.ts';
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

describe('before it is carried out', () => {
  const adding = (words: string): Step => ({
    object: `link ${words.split(' ')[3]}`,
    action: { op: 'ip', args: words.split(' ') },
    undo: [],
  });
  const pair = adding('link add name new type veth peer name eth0 netns ns1');
  const plan = (...steps: Step[]) => ({ steps, before: {}, after: {} });

  test('a pair with a name that is taken is refused', async () => {
    await expect(refuseTakenNames([pair], [], host)).rejects.toThrow('ns1/eth0 is there already');
    await refuseTakenNames([adding('link add name new type veth peer name free')], [], host);
    await refuseTakenNames([adding('link add name own type dummy')], [], host);
  });

  test('so is one with a name that a task before it would have given', async () => {
    const planned = new PlannedSteps();
    planned.take(plan(adding('link add name a type veth peer name b')), { objects: ['link a'], present: true });
    const links = planned.links ?? [];
    await expect(refuseTakenNames([adding('link add name c type veth peer name b')], links, host)).rejects.toThrow(
      'b is there already, so it cannot be made as the other end of c',
    );
    // It would be made anew, with another end.
    await refuseTakenNames([adding('link add name a type veth peer name d')], links, host);
  });

  test.each([
    {
      object: 'link ns1/eth0',
      removes: true,
      action: { op: 'ip', netns: 'ns1', args: ['link', 'delete', 'dev', 'eth0'] },
    },
    { object: 'netns ns1', removes: true, action: { op: 'netns-delete', name: 'ns1' } },
    {
      object: 'link ns1/eth0',
      action: { op: 'ip', netns: 'ns1', args: ['link', 'set', 'dev', 'eth0', 'netns', 'ns2'] },
    },
    {
      object: 'link ns1/eth0',
      action: { op: 'ip', netns: 'ns1', args: ['link', 'set', 'dev', 'eth0', 'name', 'eth1'] },
    },
  ] satisfies Omit<Step, 'undo'>[])('nobody can say which names are free behind $action.args', (step) => {
    const planned = new PlannedSteps();
    planned.take(plan({ ...step, undo: [] }), { objects: [step.object], present: undefined });
    expect(planned.links).toBeUndefined();
  });
});
