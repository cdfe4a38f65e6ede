import type { Host } from '../../../linux/host.ts';
import { cidrText, formatIp, networkOf, parseIp, width } from '../ip-address.ts';
import { isUp } from '../link/state.ts';
import { readRows } from '../place.ts';
import { number, object, type Row, rows, text } from '../rows.ts';
import { type Facts, unlessRefused } from './read.ts';

/** 255.255.255.0 for 24. */
function netmask(prefix: number): string {
  return formatIp({ family: 4, value: (0xffffffffn << BigInt(32 - prefix)) & 0xffffffffn });
}

/** Ansible's ipv4 dictionary of an address. */
function ipv4(row: Row): Facts {
  const address = text(row, 'local') ?? '';
  // ip(8) gives the prefix to the other end, where there is one.
  const prefix = ('address' in row ? undefined : number(row, 'prefixlen')) ?? width(4);
  const network = networkOf({ family: 4, address, prefix }).address;
  const broadcast = text(row, 'broadcast') ?? '';
  return { address, broadcast, netmask: netmask(prefix), network, prefix: String(prefix) };
}

function ipv6(row: Row): Facts {
  return { address: text(row, 'local'), prefix: String(number(row, 'prefixlen') ?? ''), scope: text(row, 'scope') };
}

function ofFamily(link: Row, family: 'inet' | 'inet6'): readonly Row[] {
  return rows(link, 'addr_info').filter((row) => text(row, 'family') === family && 'local' in row);
}

/** Types of links (ARPHRD_*) that Ansible has names for, as ip(8) calls them. */
const types: Readonly<Record<string, string>> = {
  ...{ ether: 'ether', infiniband: 'infiniband', ppp: 'ppp', loopback: 'loopback' },
  none: 'tunnel',
};

/** Kinds and types as Ansible calls them. */
function typeOf(link: Row): string {
  const kind = text(object(link, 'linkinfo'), 'info_kind');
  if (kind === 'bridge' || kind === 'bond') return kind === 'bond' ? 'bonding' : kind;
  return types[text(link, 'link_type') ?? ''] ?? 'unknown';
}

/** What only bridges and bonds have; `ports`: the links in them. */
function masterFacts(link: Row, ports: readonly (string | undefined)[]): Facts {
  const info = object(link, 'linkinfo');
  const data = object(info, 'info_data');
  const kind = text(info, 'info_kind');
  if (kind === 'bridge') {
    // ip(8) prints 8000.2:0:0:0:0:1.
    const [priority, ...bytes] = text(data, 'bridge_id')?.split(/[.:]/) ?? [];
    const id = `${priority}.${bytes.map((byte) => byte.padStart(2, '0')).join('')}`;
    return { interfaces: ports, id, stp: (number(data, 'stp_state') ?? 0) > 0 };
  }
  if (kind !== 'bond') return {};
  const primary = text(data, 'primary');
  const all = (number(data, 'all_slaves_active') ?? 0) > 0;
  return {
    slaves: ports,
    mode: text(data, 'mode'),
    miimon: String(number(data, 'miimon') ?? 0),
    lacp_rate: text(data, 'ad_lacp_rate') ?? 'slow',
    ...(primary === undefined ? {} : { primary, all_slaves_active: all }),
  };
}

/** The fact ansible_<link>, from a row of `ip -d address show`; `links`: all of them. */
function linkFacts(link: Row, links: readonly Row[]): Facts {
  const ports = links.filter((each) => text(each, 'master') === text(link, 'ifname'));
  const [first, ...others] = ofFamily(link, 'inet');
  const six = ofFamily(link, 'inet6');
  return {
    device: text(link, 'ifname'),
    active: isUp(link) && text(link, 'operstate') !== 'DOWN',
    type: typeOf(link),
    mtu: number(link, 'mtu'),
    ...(/^[0:]+$/.test(text(link, 'address') ?? '') ? {} : { macaddress: text(link, 'address') }),
    promisc: (number(link, 'promiscuity') ?? 0) > 0,
    ...masterFacts(
      link,
      ports.map((each) => text(each, 'ifname')),
    ),
    ...(first === undefined ? {} : { ipv4: ipv4(first) }),
    ...(others.length === 0 ? {} : { ipv4_secondaries: others.map(ipv4) }),
    ...(six.length === 0 ? {} : { ipv6: six.map(ipv6) }),
  };
}

/** Ansible replaces these two signs, and none of the others that a variable's name cannot hold: `ansible_facts['eth0.100']`. */
function factName(link: string): string {
  return `ansible_${link.replace(/[-:]/g, '_')}`;
}

/** Where Ansible asks the kernel for its way out to. */
const far = { inet: '8.8.8.8', inet6: '2404:6800:400a:800::1012' } as const;

/** The kernel's way out, with the address that it uses; empty when there is none. */
async function wayOut(host: Host, family: keyof typeof far, links: readonly Row[]): Promise<Facts> {
  const options = family === 'inet' ? [] : ['-6'];
  const [route] = (await unlessRefused(readRows(host, undefined, [...options, 'route', 'get', far[family]]))) ?? [];
  if (route === undefined || text(route, 'type') !== 'unicast') return {};
  const [device, source] = [text(route, 'dev'), text(route, 'prefsrc')];
  const common = { gateway: text(route, 'gateway'), interface: device, address: source };
  const having = links.flatMap((link) =>
    ofFamily(link, family).flatMap((row) => (text(row, 'local') === source ? [{ link, row }] : [])),
  );
  const own = having.find(({ link }) => text(link, 'ifname') === device) ?? having[0];
  if (own === undefined) return common;
  const { link, row } = own;
  const ip = family === 'inet' ? { ...ipv4(row), alias: text(row, 'label') ?? text(link, 'ifname') } : ipv6(row);
  return { ...common, ...ip, macaddress: text(link, 'address') ?? '', mtu: number(link, 'mtu'), type: typeOf(link) };
}

function allAddresses(links: readonly Row[], family: 'inet' | 'inet6'): string[] {
  const all = links.flatMap((link) => ofFamily(link, family).flatMap((row) => text(row, 'local') ?? []));
  return all.filter((address) => address !== '::1' && !address.startsWith('127.'));
}

/** What the host takes for its own, of one family: routes of its table "local". */
async function ownAddresses(host: Host, family: readonly string[]): Promise<readonly string[]> {
  const routes = await readRows(host, undefined, [...family, 'route', 'show', 'table', 'local', 'type', 'local']);
  return [...new Set(routes.flatMap((row) => text(row, 'dst') ?? []))].sort();
}

/** Facts about the links of the host's own namespace, under Ansible's names. */
export async function networkFacts(host: Host): Promise<Facts> {
  const links = await readRows(host, undefined, ['address', 'show']);
  const named = links.flatMap((link) => {
    const name = text(link, 'ifname');
    return name === undefined ? [] : [[name, link] as const];
  });
  return {
    ansible_interfaces: named.map(([name]) => name),
    ...Object.fromEntries(named.map(([name, link]) => [factName(name), linkFacts(link, links)])),
    ansible_default_ipv4: await wayOut(host, 'inet', links),
    ansible_default_ipv6: await wayOut(host, 'inet6', links),
    ansible_locally_reachable_ips: { ipv4: await ownAddresses(host, []), ipv6: await ownAddresses(host, ['-6']) },
    ansible_all_ipv4_addresses: allAddresses(links, 'inet'),
    ansible_all_ipv6_addresses: allAddresses(links, 'inet6'),
  };
}

function linkSummary(link: Row): Facts {
  const info = object(link, 'linkinfo');
  return {
    name: text(link, 'ifname'),
    type: text(info, 'info_kind') ?? text(link, 'link_type'),
    mode: text(object(info, 'info_data'), 'mode'),
    state: isUp(link) ? 'up' : 'down',
    mtu: number(link, 'mtu'),
    address: text(link, 'address'),
    parent: text(link, 'link'),
    master: text(link, 'master'),
  };
}

function addressSummary(link: Row): Facts[] {
  return rows(link, 'addr_info').flatMap((row) => {
    const family = text(row, 'family') === 'inet6' ? 6 : 4;
    const address = parseIp(text(row, 'local') ?? '');
    if (address === undefined) return [];
    const cidr = cidrText({ family, address: formatIp(address), prefix: number(row, 'prefixlen') ?? width(family) });
    return [{ address: cidr, dev: text(link, 'ifname'), scope: text(row, 'scope') }];
  });
}

function routeSummary(row: Row): Facts {
  const table = text(row, 'table') ?? 'main';
  return {
    dst: text(row, 'dst'),
    via: text(row, 'gateway'),
    dev: text(row, 'dev'),
    src: text(row, 'prefsrc'),
    metric: number(row, 'metric'),
    ...(text(row, 'type') === 'unicast' ? {} : { type: text(row, 'type') }),
    ...(table === 'main' ? {} : { table }),
  };
}

async function namespaceFacts(host: Host, netns: string | undefined): Promise<Facts> {
  const links = await readRows(host, netns, ['address', 'show']);
  const routes = await readRows(host, netns, ['route', 'show', 'table', 'all']);
  return {
    links: links.map(linkSummary),
    addresses: links.flatMap(addressSummary),
    routes: routes.filter((row) => text(row, 'table') !== 'local').map(routeSummary),
  };
}

/** orch_host and orch_netns.<name>: links, addresses and routes of each namespace, in the words of the modules. */
export async function netnsFacts(host: Host): Promise<Facts> {
  const namespaces: Record<string, Facts> = {};
  for (const name of await host.netnsNames()) namespaces[name] = await namespaceFacts(host, name);
  return { orch_host: await namespaceFacts(host, undefined), orch_netns: namespaces };
}
