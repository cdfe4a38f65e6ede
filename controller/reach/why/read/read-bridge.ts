import { number, type Row, rows, text, texts } from '../../../../agent/modules/shared/rows.ts';
import type { FdbEntry, Link } from '../seen/evidence-link.ts';
import { parseRows } from './read-rows.ts';

/** Most VLANs of a namespace that are read: each of 100 ports may have all of them. */
const mostVlans = 500_000;

/** VLANs of bridges and their ports: `bridge -j vlan show`. */
export function readVlans(json: string): ReadonlyMap<string, NonNullable<Link['vlans']>> {
  let left = mostVlans;
  const readRange = (row: Row) => {
    const read = left > 0 ? readVlan(row) : [];
    left -= read.length;
    return read;
  };
  return new Map(parseRows(json).map((row) => [text(row, 'ifname') ?? '', rows(row, 'vlans').flatMap(readRange)]));
}

function readVlan(row: Row): NonNullable<Link['vlans']> {
  const flags = texts(row, 'flags');
  const first = number(row, 'vlan') ?? 0;
  const last = number(row, 'vlanEnd') ?? first;
  const ids = Array.from({ length: Math.min(last - first + 1, 4095) }, (_, index) => first + index);
  return ids.map((id) => ({ id, pvid: flags.includes('PVID'), untagged: flags.includes('Egress Untagged') }));
}

/** Entries of bridges and of vxlan devices, groups left out: `bridge -j fdb show`. */
export function readFdb(json: string): FdbEntry[] {
  return parseRows(json).flatMap((row): FdbEntry[] => {
    const [dev, mac, master, dst] = ['ifname', 'mac', 'master', 'dst'].map((key) => text(row, key));
    if (dev === undefined || mac === undefined || (master === undefined && dst === undefined)) return [];
    if (mac.startsWith('33:33:') || mac.startsWith('01:00:5e:')) return [];
    return [{ dev, mac, master, vlan: number(row, 'vlan'), dst, state: text(row, 'state') ?? '' }];
  });
}
