import { expect, test } from 'vitest';
import type { Risk } from '../../agent/engine/snapshot/risks.ts';
import type { HostState } from '../../agent/engine/snapshot/state.ts';
import { noteBridgeMacs } from '../../agent/engine/undo/bridge-macs.ts';
import type { Action } from '../../agent/linux/action.ts';
import type { IpReply } from '../../agent/linux/host.ts';
import { FakeHost } from './fake-host.ts';

const none = '00:00:00:00:00:00';
const mac = (last: number) => `02:00:00:00:00:0${last}`;

/** A host whose bridges have these MAC addresses, in all of its namespaces. */
class Bridges extends FakeHost {
  macs: Readonly<Record<string, string>> = {};

  override async ip(): Promise<IpReply> {
    const rows = Object.entries(this.macs).map(([ifname, address]) => ({ ifname, address }));
    return { rows, missing: false };
  }
  override async apply(action: Action): Promise<void> {
    this.applied.push('args' in action ? `${action.netns}: ${action.args.join(' ')}` : action.op);
  }
}

const bridge = { linkinfo: { info_kind: 'bridge' } };
const links = {
  found: { ...bridge, address: mac(1) },
  bare: { ...bridge, address: none },
  kept: { ...bridge, address: mac(1) },
  another: { ...bridge, address: mac(2) },
  replaced: { address: mac(3) },
};
const state = { n1: { items: { links }, unread: {} } } as unknown as HostState;
const had = ['found', 'bare', 'own', 'kept', 'replaced'];
const risks = had.map((dev): Risk => ({ kind: 'ports', netns: 'n1', dev }));
const after = { found: none, bare: none, own: none, kept: mac(7), another: none, replaced: none };
const given = [`n1: link set dev found address ${mac(1)}`];

async function givenAfter(macs: Bridges['macs'], before: boolean): Promise<readonly string[]> {
  const host = new Bridges({});
  host.macs = macs;
  const give = await noteBridgeMacs({ state, risks }, [], host);
  host.macs = after;
  await give(before);
  return host.applied;
}

test('bridges that had ports of the lab and lost their MAC address get what the snapshot has, and nothing else', async () => {
  const with7 = Object.fromEntries(Object.keys(after).map((name) => [name, mac(7)]));
  expect(await givenAfter(with7, false)).toEqual(given);
});

test('a bridge that had no MAC address before has lost none, unless links of the lab were gone', async () => {
  expect(await givenAfter(after, false)).toEqual([]);
  expect(await givenAfter(after, true)).toEqual(given);
});
