import type { Host } from '../../../linux/host.ts';
import { formatIp, parseIp } from '../ip-address.ts';
import type { Values } from '../link/attribute.ts';
import type { ExtraPlan } from '../link/kind.ts';
import type { CommonParams, LinkState } from '../link/types.ts';
import { placed } from '../place.ts';
import { text } from '../rows.ts';
import { type FdbEntry, placeEntry, removeEntry } from './fdb.ts';
import { bridgeRows } from './query.ts';

const zeroes = '00:00:00:00:00:00';

/**
 * The entry of a VXLAN's fdb that the kernel makes for `remote` or `multicast_group`, where somebody has taken it away: the
 * link shows them still, but sends nothing there.
 */
export async function lostDefault(
  { name, netns, parent, underlay_netns, ...params }: CommonParams & Values,
  host: Host,
  link: LinkState | undefined,
): Promise<FdbEntry | undefined> {
  const [asked, shown] = [params, link?.values ?? {}].map(placeOf);
  if (asked === undefined || asked !== shown) return undefined;
  const found = await bridgeRows(host, netns, ['fdb', 'show', 'dev', name]);
  if (found === undefined) return undefined;
  if (found.some((row) => text(row, 'mac') === zeroes && text(row, 'dst') === asked)) return undefined;
  // The link that it leaves by is looked for beside the VXLAN.
  const via = underlay_netns === netns ? parent : undefined;
  return { ...plain, dev: name, dst: asked, via };
}

function placeOf({ remote, multicast_group }: Values): string | undefined {
  const address = parseIp(String(remote ?? multicast_group ?? ''));
  return address && formatIp(address);
}

const plain = {
  mac: zeroes,
  of: 'self',
  type: 'permanent',
  vlan: undefined,
  port: undefined,
  vni: undefined,
  src_vni: undefined,
  nhid: undefined,
  sticky: false,
  router: false,
} as const;

/** Brings it back, where it is lost. */
export function planDefault({ name, netns }: CommonParams, lost: FdbEntry | undefined): ExtraPlan {
  if (lost === undefined) return { steps: [], before: {}, after: {} };
  const [action, undo] = [placeEntry(netns, lost), [removeEntry(netns, lost)]];
  return {
    steps: [{ object: `link ${placed(netns, name)}`, part: 'default entry', action, undo }],
    before: { default_entry: 'absent' },
    after: { default_entry: lost.dst },
  };
}
