import { flag, number, object, type Row, text, texts } from '../../../../agent/modules/shared/rows.ts';
import type { Link } from '../seen/evidence-link.ts';

/**
 * A row of `ip -j -d address show`. `names`: other namespaces by the number that this one has for them; `unnamed`: how one
 * without a name is called.
 */
export function readLink(row: Row, names: ReadonlyMap<number, string>, unnamed: string): Link {
  const info = object(row, 'linkinfo');
  const [data, port] = [object(info, 'info_data'), object(info, 'info_slave_data')];
  const [kind, portOf] = [text(info, 'info_kind') ?? '', text(info, 'info_slave_kind')];
  const flags = texts(row, 'flags');
  const nsid = number(row, 'link_netnsid');
  // ipvlan has its isolation as a word that is true (ip/iplink_ipvlan.c), macvlan as a mode.
  const isolation = ['private', 'vepa'].find((word) => flag(data, word) === true);
  return {
    name: text(row, 'ifname') ?? '',
    index: number(row, 'ifindex') ?? 0,
    kind,
    mac: text(row, 'address') ?? '',
    mtu: number(row, 'mtu') ?? 0,
    up: flags.includes('UP'),
    carrier: !flags.includes('NO-CARRIER'),
    xdp: 'xdp' in row ? true : undefined,
    noArp: flags.includes('NOARP') && asking.has(kind) && text(row, 'link_type') === 'ether' ? true : undefined,
    lowerIndex: number(row, 'link_index'),
    // Tunnels say it among their own attributes; of another namespace, by a name of this one.
    lower: text(row, 'link') ?? (nsid === undefined ? text(data, 'link') : undefined),
    lowerNetns: nsid === undefined ? undefined : (names.get(nsid) ?? unnamed),
    master: text(row, 'master'),
    mode: text(data, 'mode') ?? '',
    flag: isolation ?? '',
    id: number(data, 'id'),
    bridgePort: portOf === 'bridge' ? readBridgePort(port) : undefined,
    bridge: kind === 'bridge' ? readBridge(data) : undefined,
    tunnel: tunnels.has(kind) ? readTunnel(data) : undefined,
    bondPort:
      portOf === 'bond' ? { state: text(port, 'state') ?? '', monitored: text(port, 'mii_status') ?? '' } : undefined,
    vrfTable: kind === 'vrf' ? number(data, 'table') : portOf === 'vrf' ? number(port, 'table') : undefined,
  };
}

/** Kinds that use ARP unless somebody switches it off; empty: a device of the machine's own. */
const asking = new Set(['', 'veth', 'bridge', 'vlan', 'macvlan', 'bond', 'vxlan', 'geneve', 'gretap', 'ip6gretap']);

const tunnels = new Set('vxlan geneve gre gretap ip6gre ip6gretap ipip sit ip6tnl vti vti6'.split(' '));

function readBridge(data: Row): NonNullable<Link['bridge']> {
  const on = (key: string) => (number(data, key) ?? 0) !== 0;
  return {
    vlanFiltering: on('vlan_filtering'),
    stp: on('stp_state'),
    callsIptables: on('nf_call_iptables'),
    callsIp6tables: on('nf_call_ip6tables'),
  };
}

function readBridgePort(port: Row): NonNullable<Link['bridgePort']> {
  const on = (key: string) => port[key] !== false;
  return {
    state: text(port, 'state') ?? 'forwarding',
    isolated: port.isolated === true,
    hairpin: port.hairpin === true,
    learning: on('learning'),
    flood: on('flood'),
    bcastFlood: on('bcast_flood'),
    mcastFlood: on('mcast_flood'),
  };
}

function readTunnel(data: Row): NonNullable<Link['tunnel']> {
  const end = (key: string) => {
    const address = text(data, key) ?? text(data, `${key}6`) ?? '';
    return address === 'any' ? '' : address;
  };
  const word = (key: string) => text(data, key) ?? number(data, key)?.toString() ?? '';
  return {
    local: end('local'),
    remote: end('remote') || (text(data, 'group') ?? text(data, 'group6') ?? ''),
    port: number(data, 'port') ?? 0,
    inKey: word('ikey'),
    outKey: word('okey'),
    df: text(data, 'df') === 'set' || data.pmtudisc === true,
    learning: data.learning !== false,
  };
}
