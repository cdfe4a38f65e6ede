import { expect, test } from 'vitest';
import { BroughtBack } from '../../agent/engine/brought-back.ts';
import type { Action } from '../../agent/linux/action.ts';
import { FakeHost } from './fake-host.ts';

function ip(words: string): Action {
  return { op: 'ip', args: words.split(' ') };
}

const pair = ip('link add name v1 type veth peer name v2');

test('a name is foretold to be free once what has it would be gone, by either end of a pair', async () => {
  const host = new FakeHost({ links: { v1: 7, v2: 8 } });
  await expect(new BroughtBack().foretell([pair], host)).rejects.toThrow('another link is called v1');
  expect(await new BroughtBack().foretell([ip('link delete dev v1'), pair], host)).toBe(true);
});

test('a pair is not made where one of its names is taken', async () => {
  await expect(new BroughtBack().isThere(pair, new FakeHost({ links: { v2: 8 } }))).rejects.toThrow('called v2');
  expect(await new BroughtBack().isThere(pair, new FakeHost({}))).toBe(false);
});

test('a link that was made before the agent was killed is there, by its MAC address', async () => {
  const host = new FakeHost({});
  host.ip = async () => ({ rows: [{ ifindex: 9, address: '02:00:00:00:00:01' }], missing: false });
  const made = (address: string) => ip(`link add name d1 address ${address} type dummy`);
  expect(await new BroughtBack().isThere(made('02:00:00:00:00:01'), host)).toBe(true);
  await expect(new BroughtBack().isThere(made('02:00:00:00:00:02'), host)).rejects.toThrow('called d1');
});
