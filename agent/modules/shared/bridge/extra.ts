import type { Host } from '../../../linux/host.ts';
import type { Action } from '../../module.ts';
import type { LinkExtra } from '../link/kind.ts';
import { readPorts, rejoin } from '../link/ports.ts';
import type { CommonParams, LinkState } from '../link/types.ts';
import { placed } from '../place.ts';
import { type Row, text } from '../rows.ts';
import { bridgeNeeds } from './needs.ts';
import { portCommands } from './port.ts';
import { restoreVlans, vlanSteps, vlansView } from './vlan-steps.ts';
import { readVlans, type Vlans, vlansField, wantedVlans } from './vlans.ts';

/** What a bridge has beside attributes. */
export interface BridgeExtra {
  readonly ports: readonly Row[];
  /** VLANs by port, and by the bridge's own name; read where they may differ from those of a new one. */
  readonly vlans: ReadonlyMap<string, Vlans>;
  /** What a new port has. */
  readonly fresh: Vlans;
}

function freshVlans(pvid: unknown): Vlans {
  return pvid === 0 ? new Map() : new Map([[typeof pvid === 'number' ? pvid : 1, 'pvid untagged']]);
}

type Asked = CommonParams & { readonly vlan_default_pvid?: number; readonly vlans?: unknown };

/** Of a bridge that stays: its ports and their VLANs, of which there may be hundreds, do not come into it. */
async function read(params: Asked, host: Host, link: LinkState | undefined): Promise<BridgeExtra> {
  if (link === undefined) {
    const fresh = freshVlans(params.vlan_default_pvid);
    return { ports: [], vlans: new Map([[params.name, fresh]]), fresh };
  }
  const vlans = await readOwnVlans(params, host);
  return { ports: [], vlans, fresh: freshVlans(link.values.vlan_default_pvid) };
}

async function readWhole(params: Asked, host: Host, link: LinkState): Promise<BridgeExtra> {
  const ports = await readPorts(params, host);
  const fresh = freshVlans(link.values.vlan_default_pvid);
  if (link.values.vlan_filtering !== true) return { ports, vlans: await readOwnVlans(params, host), fresh };
  const names = [params.name, ...ports.map((row) => text(row, 'ifname') ?? '')];
  return { ports, vlans: await vlansOf(names, params, host), fresh };
}

function readOwnVlans(params: Asked, host: Host): Promise<BridgeExtra['vlans']> {
  return vlansOf(params.vlans === undefined ? [] : [params.name], params, host);
}

async function vlansOf(names: readonly string[], { netns }: CommonParams, host: Host): Promise<BridgeExtra['vlans']> {
  const vlans = new Map<string, Vlans>();
  for (const name of names) vlans.set(name, await readVlans(host, netns, name));
  return vlans;
}

/** Ports with their settings and VLANs, and the bridge's own VLANs. */
function remake(params: CommonParams, { ports, vlans, fresh }: BridgeExtra): Action[] {
  const { name, netns } = params;
  const restored = (dev: string) => restoreVlans({ netns, dev, self: dev === name }, vlans.get(dev) ?? fresh, fresh);
  const settings = ports.flatMap((row) => {
    const port = text(row, 'ifname') ?? '';
    return [...portCommands(netns, port, row), ...restored(port)];
  });
  return [...restored(name), ...rejoin(params, ports), ...settings];
}

export const bridgeExtra: LinkExtra<BridgeExtra> = {
  fields: {
    vlans: vlansField.optional().describe("The bridge's own VLANs, all of them; ports have theirs by `bridge_port`."),
  },
  needs: bridgeNeeds,
  read,
  readWhole,
  plan(params, present) {
    if (params.vlans === undefined) return { steps: [], before: {}, after: {} };
    const { name, netns } = params;
    const wanted = wantedVlans(params.vlans as Parameters<typeof wantedVlans>[0]);
    const now = present.vlans.get(name) ?? new Map();
    return {
      steps: vlanSteps(`link ${placed(netns, name)}`, { netns, dev: name, self: true }, wanted, now),
      before: { vlans: vlansView(now) },
      after: { vlans: vlansView(wanted) },
    };
  },
  remake,
};
