import { isDeepStrictEqual } from 'node:util';
import type { Action } from '../../module.ts';

/** One entry of a table of MAC addresses. */
export interface FdbEntry {
  readonly mac: string;
  readonly dev: string;
  /** Whose it is: of the bridge that dev is a port of, or of dev itself. */
  readonly of: 'master' | 'self';
  readonly type: 'static' | 'permanent';
  readonly vlan: number | undefined;
  readonly dst: string | undefined;
  readonly port: number | undefined;
  readonly vni: number | undefined;
  readonly src_vni: number | undefined;
  readonly via: string | undefined;
  readonly nhid: number | undefined;
  readonly sticky: boolean;
  readonly router: boolean;
}

/** A VXLAN sends packets for these to each of several places (vxlan_fdb_append, drivers/net/vxlan/vxlan_core.c). */
export function hasMany({ mac, dst }: FdbEntry): boolean {
  return dst !== undefined && (Number.parseInt(mac.slice(0, 2), 16) % 2 === 1 || mac === '00:00:00:00:00:00');
}

/** True when the kernel takes both for one and the same entry. */
export function sameKey(left: FdbEntry, right: FdbEntry): boolean {
  const key = (entry: FdbEntry) => {
    const { mac, of, vlan, src_vni, dst, port, vni, via } = entry;
    return [mac, of, vlan, src_vni, ...(hasMany(entry) ? [dst, port, vni, via] : [])];
  };
  return isDeepStrictEqual(key(left), key(right));
}

/** What names the entry, and where its packets go. */
function words({ of, vlan, dst, port, vni, src_vni, via, nhid }: FdbEntry): string[] {
  const values = { vlan, dst, port, vni, src_vni, via, nhid };
  return [of, ...Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [key, String(value)]))];
}

function command(netns: string | undefined, verb: string, entry: FdbEntry, more: readonly string[] = []): Action {
  return { op: 'bridge', netns, args: ['fdb', verb, entry.mac, 'dev', entry.dev, ...words(entry), ...more] };
}

/** Makes the entry, in the place of what is there under its key. */
export function placeEntry(netns: string | undefined, entry: FdbEntry): Action {
  const flags = [entry.type, ...(entry.sticky ? ['sticky'] : []), ...(entry.router ? ['router'] : [])];
  return command(netns, hasMany(entry) ? 'append' : 'replace', entry, flags);
}

export function removeEntry(netns: string | undefined, entry: FdbEntry): Action {
  return command(netns, 'del', entry);
}

/** For diffs. */
export function entryView(entry: FdbEntry | undefined): Readonly<Record<string, unknown>> {
  if (entry === undefined) return { state: 'absent' };
  const said = Object.entries(entry).filter(([key, value]) => key !== 'mac' && value !== undefined && value !== false);
  return Object.fromEntries(said);
}
