import { expect, test } from 'vitest';
import { type Guard, objection } from '../../agent/engine/steps/guard.ts';
import type { Action } from '../../agent/linux/action.ts';
import { FakeHost } from './fake-host.ts';

const all = 'net/ipv4/conf/all/rp_filter';
const guard: Guard = { kind: 'sysctl', key: all, values: ['1'] };
const set = (key: string, value: string): Action => ({ op: 'sysctl', key, value });

test.each<[string, string, boolean]>([
  ['that the lab gave it', '1', true],
  ['that it had before', '0', true],
  ['that somebody gave it since', '2', false],
])('a sysctl is led back from the value %s', async (_, value, isLabs) => {
  // What goes along with it, and comes back to another value, is none of it.
  const undo = [set(all, '0'), set('net/ipv4/conf/eth0/rp_filter', '2')];
  const reason = await objection({ guard, undo }, new FakeHost({ sysctls: { [all]: value } }));
  expect(reason).toBe(isLabs ? undefined : 'it is 2 now and the lab had set 1: changed by someone else');
});
