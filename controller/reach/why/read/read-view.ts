import { number, object, type Row, rows, text, texts } from '../../../../agent/modules/shared/rows.ts';
import type { NetnsView } from '../../../../proto/gen/orch/v1/agent.ts';
import type { Lookup, Place } from '../seen/evidence.ts';
import type { Link } from '../seen/evidence-link.ts';
import { readFdb, readVlans } from './read-bridge.ts';
import { grown, readCounters } from './read-counters.ts';
import { readLink } from './read-link.ts';
import { readNft } from './read-nft.ts';
import { parseRows } from './read-rows.ts';
import { readTc } from './read-tc.ts';
import { readWireguard } from './read-wireguard.ts';
import { readXfrm } from './read-xfrm.ts';

/** Names of other namespaces by the number that this one has for them. */
function namesOf(nsids: readonly Row[]): ReadonlyMap<number, string> {
  return new Map(
    nsids.flatMap((row) => {
      const [nsid, name] = [number(row, 'nsid'), text(row, 'name')];
      return nsid === undefined || name === undefined ? [] : [[nsid, name] as const];
    }),
  );
}

function readAddresses(row: Row): Place['addresses'] {
  const dev = text(row, 'ifname') ?? '';
  return rows(row, 'addr_info').map((held) => ({
    dev,
    address: text(held, 'local') ?? '',
    prefix: number(held, 'prefixlen') ?? 0,
    flags: ['tentative', 'dadfailed'].filter((flag) => held[flag] === true),
  }));
}

function readRoute(row: Row): Place['routes'] {
  const dst = text(row, 'dst') ?? 'default';
  // The kernel gives each route of IPv6 a preference (rt6_fill_node).
  const v6 = text(row, 'pref') !== undefined;
  const own = (part: Row) => ({
    type: text(row, 'type') ?? 'unicast',
    dst,
    table: text(row, 'table') ?? 'main',
    dev: text(part, 'dev'),
    gateway: text(part, 'gateway') ?? text(object(part, 'via'), 'host'),
    source: text(row, 'prefsrc'),
    ...(dst === 'default' && text(part, 'gateway') === undefined ? { v6 } : {}),
  });
  const hops = rows(row, 'nexthops');
  return hops.length > 0 ? hops.map(own) : [own(row)];
}

/** Keys of `ip -j rule` of conditions that no lookup asks with, and of rules that do not take each route of their table. */
const conditions = [
  ...['fwmark', 'ipproto', 'sport', 'dport', 'sport_start', 'dport_start', 'uid_start', 'tos', 'oif', 'not', 'l3mdev'],
  ...['goto', 'suppress_prefixlen', 'suppress_ifgroup'],
];

function readRule(row: Row, v6: boolean): Place['rules'][number] {
  const side = (key: string) => {
    const network = text(row, key);
    const length = number(row, `${key}len`);
    return network === undefined ? 'all' : length === undefined ? network : `${network}/${length}`;
  };
  return {
    priority: number(row, 'priority') ?? 0,
    v6,
    action: text(row, 'action') ?? '',
    from: side('src'),
    to: side('dst'),
    iif: text(row, 'iif'),
    table: row.l3mdev === undefined ? (text(row, 'table') ?? '') : 'l3mdev',
    conditional: conditions.some((key) => row[key] !== undefined),
  };
}

function readNeighbour(row: Row): Place['neighbours'][number] {
  return {
    dev: text(row, 'dev') ?? '',
    address: text(row, 'dst') ?? '',
    mac: text(row, 'lladdr'),
    state: texts(row, 'state').join(' '),
  };
}

/** Lines of `ss -H -lntup`: protocol, state, what waits and may wait, address:port; an address of IPv6 is in brackets. */
function readSockets(lines: string): NonNullable<Place['sockets']> {
  return lines.split('\n').flatMap((line) => {
    const [protocol, , waiting, backlog, local = ''] = line.trim().split(/\s+/);
    const [, address, port] = /^\[?([^\]%]*)(?:%[^\]:%]*)?\]?(?:%[^:%]*)?:(\d+)$/.exec(local) ?? [];
    if ((protocol !== 'tcp' && protocol !== 'udp') || address === undefined) return [];
    const queue = protocol === 'tcp' ? { waiting: Number(waiting), backlog: Number(backlog) } : {};
    return [{ protocol, address: address.replace(/^::ffff:(?=\d+\.)/i, ''), port: Number(port), ...queue }];
  });
}

/** net/ipv4/conf/eth0.1/x as sysctl(8) writes it: net.ipv4.conf.eth0/1.x. */
function readSysctls(lines: string): Place['sysctls'] {
  return Object.fromEntries(
    lines.split('\n').flatMap((line) => {
      const [, key, value] = /^(\S+) = (.*)$/.exec(line) ?? [];
      const swap: Readonly<Record<string, string>> = { '/': '.', '.': '/' };
      return key === undefined ? [] : [[key.replace(/[/.]/g, (mark) => swap[mark] ?? mark), value ?? '']];
    }),
  );
}

/** No namespace has this name (names.ts). */
const nowhere = '/';

/** A namespace's state as its host's agent read it; `before`: the same before the probe, for what grew meanwhile. */
export function readView(host: string, view: NetnsView, before?: NetnsView): Place {
  const of = (from: NetnsView | undefined, name: string) => from?.readings.find((reading) => reading.name === name);
  const textOf = (name: string) => of(view, name)?.text ?? '';
  const counters = (from: NetnsView) =>
    readCounters(...['snmp', 'netstat', 'snmp6'].map((name) => of(from, name)?.text ?? ''));
  const lost = (from: NetnsView | undefined) => {
    const text = of(from, 'xfrm_stat')?.text ?? '';
    return text === '' ? undefined : [...readCounters(text).values()].reduce((sum, count) => sum + count, 0);
  };
  const [lostBefore, lostSince] = [lost(before), lost(view)];
  const links = parseRows(textOf('link'));
  const vlans = textOf('bridge_vlan') === '' ? undefined : readVlans(textOf('bridge_vlan'));
  // A bridge and its ports that are in no VLAN are not listed.
  const vlansOf = ({ name, bridge, bridgePort }: Link) =>
    vlans?.get(name) ?? (vlans === undefined || (bridge ?? bridgePort) === undefined ? undefined : []);
  const wireguards = readWireguard(textOf('wireguard'));
  const sockets = of(view, 'sockets');
  const names = namesOf(parseRows(textOf('nsid')));
  // Seen from a named namespace, one without a name is the host's own; seen from there, it is one that nobody looked at.
  const unnamed = view.netns === '' ? nowhere : '';
  return {
    host,
    netns: view.netns,
    inode: view.inode,
    links: links
      .map((row) => readLink(row, names, unnamed))
      .map((link) => ({ ...link, vlans: vlansOf(link), wireguard: wireguards.get(link.name) })),
    addresses: links.flatMap(readAddresses),
    routes: parseRows(textOf('route')).flatMap(readRoute),
    rules: [
      ...parseRows(textOf('rule4')).map((row) => readRule(row, false)),
      ...parseRows(textOf('rule6')).map((row) => readRule(row, true)),
    ],
    neighbours: parseRows(textOf('neighbour')).map(readNeighbour),
    ...readNft(textOf('nft_text')),
    fdb: readFdb(textOf('bridge_fdb')),
    ...readTc(textOf('tc'), of(before, 'tc')?.text),
    sockets: sockets === undefined || sockets.unread !== '' ? undefined : readSockets(sockets.text),
    xfrmPolicies: [...readXfrm(textOf('xfrm_policy'))],
    xfrmLost: lostBefore === undefined || lostSince === undefined ? undefined : lostSince - lostBefore,
    sysctls: { ...readSysctls(textOf('sysctl_shared')), ...readSysctls(textOf('sysctl')) },
    grown: before === undefined ? {} : grown(counters(before), counters(view)),
    unread: view.readings.filter(({ unread }) => unread !== '').map(({ name, unread }) => `${name}: ${unread}`),
  };
}

/** A row of `ip -j route get`, or the refusal. */
export function readLookup({ routeJson, refusal }: { readonly routeJson: string; readonly refusal: string }): Lookup {
  if (refusal !== '') return { type: '', refusal };
  const [row = {}] = parseRows(`[${routeJson}]`);
  const [mtu] = rows(row, 'metrics').flatMap((metric) => number(metric, 'mtu') ?? []);
  return {
    type: text(row, 'type') ?? 'unicast',
    dev: text(row, 'dev'),
    gateway: text(row, 'gateway') ?? text(object(row, 'via'), 'host'),
    source: text(row, 'prefsrc'),
    table: text(row, 'table'),
    mtu,
    // A route of the table has no end.
    ...(row.expires === undefined ? {} : { learned: true as const }),
  };
}
