import fc from 'fast-check';

/** Something of a namespace, as the task that asks for it. */
export interface Thing {
  readonly module: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A namespace's state: its things, each after those that it stands on. */
export type RandomState = readonly Thing[];

const most = 4;
/** Choices without a meaning of their own, so that smaller ones always give a state too. */
const choice = fc.nat(59);
const flag = fc.boolean();
const rawLink = fc.record({
  kind: choice,
  on: choice,
  variant: choice,
  mtu: fc.option(fc.constantFrom(1300, 1400)),
  address: flag,
  alias: flag,
  down: flag,
  enslaved: flag,
});
const rawAddress = fc.record({ six: flag, net: choice, host: choice, on: choice, more: choice });
const rawRoute = fc.record({ six: flag, dst: choice, how: choice, on: choice, table: choice, metric: choice });
const rawRule = fc.record({ six: flag, priority: choice, selector: choice, action: choice });
const rawNeighbour = fc.record({ six: flag, host: choice, on: choice, proxy: flag });
const rawSysctl = fc.record({ key: choice, on: choice, value: choice });

const rawState = fc.record({
  links: fc.array(rawLink, { maxLength: most }),
  addresses: fc.array(rawAddress, { maxLength: 5 }),
  routes: fc.array(rawRoute, { maxLength: 5 }),
  rules: fc.array(rawRule, { maxLength: 3 }),
  neighbours: fc.array(rawNeighbour, { maxLength: 2 }),
  sysctls: fc.array(rawSysctl, { maxLength: 2 }),
});
type Raw = typeof rawState extends fc.Arbitrary<infer T> ? T : never;

function pick<T>(all: readonly T[], choice: number): T | undefined {
  return all[choice % all.length];
}

/** The first of each key: the kernel has one of each. */
function firsts<T>(all: readonly T[], key: (one: T) => string): T[] {
  return all.filter((one, at) => all.findIndex((other) => key(other) === key(one)) === at);
}

interface Link {
  readonly name: string;
  readonly kind: string;
  readonly up: boolean;
}

/** Links that can be ports of a bridge, and parents of others. */
const plain = ['veth', 'dummy', 'ifb', 'vxlan'];

/** `apart`: from this one on links have other names and numbers than another state's. */
function linksOf(raw: Raw['links'], kinds: readonly string[], apart = raw.length): { things: Thing[]; links: Link[] } {
  const things: Thing[] = [];
  const links: Link[] = [];
  // A bridge and a macvlan both take all that a link receives.
  const taken = new Map<string, 'bridge' | 'macvlan'>();
  for (const [at, { kind: wanted, on, variant, mtu, address, alias, down, enslaved }] of raw.entries()) {
    const isOther = at >= apart;
    const name = `${isOther ? 'm' : 'l'}${at}`;
    const peer = `${isOther ? 'q' : 'p'}${at}`;
    const number = isOther ? at + most : at;
    const parents = links.filter((link) => [...plain, 'bridge'].includes(link.kind));
    const parent = pick(parents, on)?.name;
    const stacked = ['vlan', 'macvlan'].includes(pick(kinds, wanted) ?? '');
    const free = stacked && (parent === undefined || taken.get(parent) === 'bridge');
    const kind = free ? 'veth' : (pick(kinds, wanted) ?? 'veth');
    const master = pick(
      links.filter((link) => link.kind === 'bridge'),
      on,
    )?.name;
    const joins = enslaved && master !== undefined && plain.includes(kind);
    const own: Record<string, Record<string, unknown>> = {
      veth: { peer },
      bridge: pick([{}, { stp: true }, { ageing_time: 12_000 }], variant) ?? {},
      vlan: { parent, id: 100 + number },
      macvlan: { parent, mode: pick(['bridge', 'private', 'vepa'], variant) },
      vxlan: { id: 10 + number, port: 4789, learning: variant % 2 === 0, ...(variant % 3 === 0 ? { ttl: 9 } : {}) },
    };
    if (kind === 'macvlan' && parent !== undefined) taken.set(parent, 'macvlan');
    if (joins) taken.set(name, 'bridge');
    // What stands on a link has no larger packets than it.
    const size = stacked && kind !== 'veth' ? 1300 : mtu;
    const mac = `02:00:00:00:0${variant % 4}:0${at}`;
    const params = {
      ...{ name, ...own[kind], state: down ? 'down' : 'up', master: joins ? master : '' },
      ...(size === null ? {} : { mtu: size }),
      // An ifb takes another address only as a new link.
      ...(address && kind !== 'ifb' ? { address: mac } : {}),
      ...(alias ? { alias: `alias ${variant % 2}` } : {}),
    };
    things.push({ module: kind, params });
    links.push({ name, kind, up: !down });
    if (kind !== 'veth') continue;
    things.push({ module: 'link', params: { name: peer, state: 'up', master: '', mtu: mtu ?? 1500 } });
    links.push({ name: peer, kind, up: true });
  }
  return { things, links };
}

interface Address {
  readonly six: boolean;
  readonly net: number;
  readonly link: Link;
  /** Its network can be reached by it. */
  readonly leads: boolean;
}

function addressesOf(raw: Raw['addresses'], links: readonly Link[]): { things: Thing[]; addresses: Address[] } {
  const all = raw.map(({ six, net: n, host: h, on, more }) => {
    const [net, host] = [n % 3, (h % 4) + 1];
    const link = pick([...links, { name: 'lo', kind: 'lo', up: true }], on) as Link;
    const address = six ? `fd0${net}::${host}/64` : `10.${net}.0.${host}/24`;
    const option = pick([{}, {}, { noprefixroute: true }, { metric: 77 }], more) ?? {};
    const thing: Thing = { module: 'address', params: { address, dev: link.name, ...option } };
    return { thing, six, net, link, leads: link.up && link.name !== 'lo' && !('noprefixroute' in option) };
  });
  const each = firsts(all, ({ thing }) => String(thing.params.address));
  // Of the IPv4 addresses of one network on one link the first alone has the route (fib_add_ifaddr, net/ipv4/fib_frontend.c).
  const first = firsts(each, ({ thing, six, net, link }) =>
    six ? String(thing.params.address) : `${net} ${link.name}`,
  );
  const addresses = each.map((one) => ({ ...one, leads: one.leads && first.includes(one) }));
  return { things: each.map(({ thing }) => thing), addresses };
}

function routesOf(raw: Raw['routes'], links: readonly Link[], addresses: readonly Address[]): Thing[] {
  const all = raw.map(({ six, dst: d, how, on, table, metric }) => {
    const up = pick(
      links.filter((link) => link.up),
      on,
    );
    const next = pick(
      addresses.filter((address) => address.six === six && address.leads),
      on,
    );
    const via = next && { via: six ? `fd0${next.net}::99` : `10.${next.net}.0.99`, dev: next.link.name };
    const nowhere = { type: pick(['blackhole', 'unreachable', 'prohibit', 'throw'], how) };
    const way = pick([via, up && { dev: up.name }, nowhere], how) ?? nowhere;
    const dst = six
      ? pick(['fd20::/48', 'fd21::/48', 'fd22::1/128', '::/0'], d)
      : pick(['10.20.0.0/16', '10.21.0.0/16', '10.22.0.1/32', 'default'], d);
    const place = { ...(table % 3 === 0 ? { table: 100 } : {}), ...(metric % 3 === 0 ? { metric: 50 } : {}) };
    const protocol = pick([{}, { protocol: 'static' }, { protocol: 77 }, {}], metric);
    return { module: 'route', params: { dst, ...way, ...place, ...protocol } };
  });
  return firsts(all, ({ params: { dst, table, metric } }) => `${dst} ${table} ${metric}`);
}

function rulesOf(raw: Raw['rules']): Thing[] {
  const all = raw.map(({ six, priority, selector, action }): Thing => {
    const selected = pick(
      [{ from: six ? 'fd01::/64' : '10.1.0.0/24' }, { to: six ? 'fd09::/64' : '10.9.0.0/16' }, { fwmark: 7 }],
      selector,
    );
    const acts = pick([{ table: 100 }, { table: 'main' }, { type: 'prohibit' }], action);
    const family = six ? { family: 'inet6' } : {};
    return { module: 'rule', params: { priority: 100 + (priority % 4), ...selected, ...acts, ...family } };
  });
  return firsts(all, ({ params }) => `${params.priority} ${params.family}`);
}

function neighboursOf(raw: Raw['neighbours'], links: readonly Link[]): Thing[] {
  const all = raw.flatMap(({ six, host, on, proxy }): Thing[] => {
    const dst = six ? `fd01::5${host % 3}` : `10.1.0.5${host % 3}`;
    const dev = pick(
      links.filter((link) => link.up),
      on,
    )?.name;
    if (dev === undefined) return [];
    return [{ module: 'neighbour', params: { dst, dev, ...(proxy ? { proxy } : { lladdr: '02:00:00:00:00:0a' }) } }];
  });
  return firsts(all, ({ params }) => `${params.dst} ${params.dev} ${params.proxy}`);
}

function sysctlsOf(raw: Raw['sysctls'], links: readonly Link[]): Thing[] {
  const all = raw.map(({ key, on, value }): Thing => {
    const dev = pick([...links.map(({ name }) => name), 'all', 'default'], on);
    const keys = ['ipv4/ip_forward', `ipv4/conf/${dev}/rp_filter`, `ipv4/conf/${dev}/arp_ignore`];
    return { module: 'sysctl', params: { name: `net.${pick(keys, key)?.replaceAll('/', '.')}`, value: value % 2 } };
  });
  return firsts(all, ({ params }) => String(params.name));
}

/** Small states that a kernel with these kinds of links can have. */
export function randomState(kinds: readonly string[]): fc.Arbitrary<RandomState> {
  return rawState.map((raw) => stateOf(raw, kinds));
}

/** Two of them; the second one shares some links with the first, and its others are its own. */
export function randomNeighbours(kinds: readonly string[]): fc.Arbitrary<readonly [RandomState, RandomState]> {
  return fc.tuple(rawState, rawState, fc.nat(most)).map(([one, other, most]) => {
    const shared = one.links.slice(0, most);
    const both = { ...other, links: [...shared, ...other.links] };
    return [stateOf(one, kinds), stateOf(both, kinds, shared.length)];
  });
}

function stateOf(raw: Raw, kinds: readonly string[], apart?: number): RandomState {
  const { things, links } = linksOf(raw.links, kinds, apart);
  const own = addressesOf(raw.addresses, links);
  return [
    ...things,
    ...sysctlsOf(raw.sysctls, links),
    ...own.things,
    ...neighboursOf(raw.neighbours, links),
    ...routesOf(raw.routes, links, own.addresses),
    ...rulesOf(raw.rules),
  ];
}

/**
 * For half a minute after its ports have changed a bridge with STP has another ageing time, and nothing tells its own: one that is removed
 * then comes back with the other one.
 */
export function withoutStp(state: RandomState): RandomState {
  return state.map(({ module, params: { stp: _, ...params } }) => ({ module, params }));
}

/**
 * What of earlier states no task would remove by itself, though the next state cannot be had beside it: a macvlan whose parent
 * becomes a port of a bridge; addresses without route of a network that a gateway must be reached in.
 */
export function inTheWay(earlier: readonly RandomState[], next: RandomState): RandomState {
  return [...linksInTheWay(earlier.flat(), next), ...addressesInTheWay(earlier.flat(), next)];
}

function linksInTheWay(earlier: RandomState, next: RandomState): RandomState {
  const last = new Map(earlier.flatMap((thing) => (thing.params.name ? [[thing.params.name, thing]] : [])));
  const ports = new Set(next.flatMap(({ params }) => (params.master ? [params.name] : [])));
  const found = [...last.values()].filter(({ module, params }) => module === 'macvlan' && ports.has(params.parent));
  return found.map(({ params: { name } }) => ({ module: 'link', params: { name, state: 'absent' } }));
}

/** An IPv4 address that is there is the first of its network, and one keeps what the task leaves open. */
function addressesInTheWay(earlier: RandomState, next: RandomState): RandomState {
  const isBare = ({ module, params }: Thing) => module === 'address' && params.noprefixroute === true;
  const gateways = next.flatMap(({ params: { via, dev } }) => (via ? [{ net: String(via).slice(0, -2), dev }] : []));
  const bare = [...earlier, ...next].filter(isBare).filter(({ params: { address, dev } }) => {
    return gateways.some((gateway) => gateway.dev === dev && String(address).startsWith(gateway.net));
  });
  return bare.map(({ params: { address, dev } }) => ({ module: 'address', params: { address, dev, state: 'absent' } }));
}
