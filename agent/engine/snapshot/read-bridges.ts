import { bridgeRows } from '../../modules/shared/bridge/query.ts';
import { kindOf } from '../../modules/shared/link/state.ts';
import { type Row, rows, text } from '../../modules/shared/rows.ts';
import { keyed } from './keys.ts';
import type { Place } from './read-place.ts';
import type { Items } from './state.ts';

/** VLANs of bridges (`self`) and their ports. */
export async function readBridgeVlans(place: Place): Promise<Items> {
  const bridges = new Set(place.links.filter((link) => kindOf(link) === 'bridge').map((link) => text(link, 'ifname')));
  const vlans = (await shown(place, 'vlan')).map(withDev);
  return keyed(
    'bridge vlans',
    vlans.map((row) => ({ ...row, self: bridges.has(text(row, 'dev')) })),
  );
}

/**
 * Entries that somebody made in the tables of bridges and VXLANs: the kernel learns others, and makes those of its own
 * addresses and of groups. What a link without a table takes besides (self) comes and goes with macvlans on it.
 */
export async function readFdb(place: Place): Promise<Items> {
  const own = new Set(place.links.map((link) => text(link, 'address')));
  const made = (await shown(place, 'fdb')).filter((row) => {
    const [mac, state] = [text(row, 'mac') ?? '', text(row, 'state') ?? ''];
    if (!['static', 'permanent'].includes(state)) return false;
    return 'dst' in row || 'nhid' in row || ('master' in row && !own.has(mac) && !isGroup(mac));
  });
  return keyed('fdb', made.map(withDev));
}

/** Permanent entries: the kernel learns the others. */
export async function readMdb(place: Place): Promise<Items> {
  const entries = (await shown(place, 'mdb')).flatMap((row) => rows(row, 'mdb'));
  const made = entries.filter((row) => text(row, 'state') === 'permanent');
  return keyed(
    'mdb',
    made.map(({ dev, port, ...row }) => ({ ...row, dev: port, bridge: dev })),
  );
}

/** Nothing is asked where no link has such tables. */
async function shown({ host, netns, links }: Place, table: string): Promise<readonly Row[]> {
  if (!links.some((link) => ['bridge', 'vxlan'].includes(kindOf(link) ?? ''))) return [];
  return (await bridgeRows(host, netns, [table, 'show'])) ?? [];
}

function withDev({ ifname, ...row }: Row): Row {
  return { ...row, dev: ifname };
}

/** IEEE 802: the lowest bit of the first byte. */
function isGroup(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
}
