import { expect, test } from 'vitest';
import { giveBridgeMacs } from '../../agent/engine/bridge-macs.ts';
import type { Risk } from '../../agent/engine/snapshot/risks.ts';
import type { HostState } from '../../agent/engine/snapshot/state.ts';
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

test('bridges that had ports of the lab and have no MAC address get what the snapshot has, and nothing else', async () => {
  const bridge = { linkinfo: { info_kind: 'bridge' } };
  const links = {
    found: { ...bridge, address: mac(1) },
    bare: { ...bridge, address: none },
    kept: { ...bridge, address: mac(1) },
    another: { ...bridge, address: mac(2) },
    replaced: { address: mac(3) },
  };
  const before = { n1: { items: { links }, unread: {} } } as unknown as HostState;
  const host = new Bridges({});
  host.macs = { found: none, bare: none, own: none, kept: mac(7), another: none, replaced: none };
  const had = ['found', 'bare', 'own', 'kept', 'replaced'];
  const risks = had.map((dev): Risk => ({ kind: 'ports', netns: 'n1', dev }));
  await giveBridgeMacs({ state: before, risks }, [], host);
  expect(host.applied).toEqual([`n1: link set dev found address ${mac(1)}`]);
});
