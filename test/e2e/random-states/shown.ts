import { type Hands, input } from './hands.ts';
import type { RandomState, Thing } from './state.ts';

type Row = Readonly<Record<string, unknown>>;

/** A namespace as ip shows it. */
export interface Shown {
  readonly links: readonly Row[];
  readonly addresses: readonly Row[];
  readonly routes: readonly Row[];
  readonly rules: readonly Row[];
  readonly neighbours: readonly Row[];
  readonly sysctls: readonly Row[];
}

/** Queries for one ip of a namespace; each answer is a line. */
function asked(netns: string, family: readonly string[], queries: readonly string[]): string {
  return `ip ${['-n', netns, '-j', '-d', ...family].join(' ')} -batch -${input(queries)}`;
}

function rowsOf(output: string): readonly (readonly Row[])[] {
  const answers = output.split('\n').filter((line) => line.startsWith('['));
  // ip prints {} for what its filter left out.
  return answers.map((line) => (JSON.parse(line) as Row[]).filter((row) => Object.keys(row).length > 0));
}

/**
 * Once links have found their carrier, which takes the kernel a moment, IPv6 is at work on each; addresses are tentative
 * until its worker has been at them.
 */
export async function isSettled(hands: Hands, netns: string): Promise<boolean> {
  const queries = ['link show', 'route show table local type multicast', 'address show tentative'];
  const [links = [], routes = [], tentative = []] = rowsOf(await hands.run(asked(netns, ['-6'], queries)));
  const working = links.filter(({ ifname, flags }) => ifname !== 'lo' && isWorking(flags as string[]));
  return tentative.length === 0 && working.every(({ ifname }) => routes.some(({ dev }) => dev === ifname));
}

const isWorking = (flags: readonly string[]) => flags.includes('UP') && flags.includes('LOWER_UP');

/** Numbers that the kernel deals out, and what it works out as it runs. */
const unlike =
  /^(?:ifindex|link_index|qdisc|promiscuity|allmulti|operstate|(?:bridge|root)_id|\w+_timer|designated_\w+|tso_max_\w+|no|state_index|fdb_n_learned)$/;

function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((each) => !wire.has(each)).map(bare);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !unlike.test(key) && !(key === 'id' && typeof inner === 'string'))
      .map(([key, inner]) => [key, bare(inner)]),
  );
}

const bareRow = (row: Row): Row => bare(row) as Row;

const wire = new Set<unknown>(['LOWER_UP', 'NO-CARRIER', 'M-DOWN', 'linkdown', 'dead']);

/** `keys`: sysctls to show; those that are not there are left out. `networks`: the kernel's routes to networks of addresses, too. */
export async function show(hands: Hands, netns: string, keys: readonly string[], networks = false): Promise<Shown> {
  const both = ['route show table all', 'rule show'];
  const more = ['address show', 'neighbour show nud permanent', 'neighbour show proxy'];
  const values = keys.length === 0 ? 'true' : `ip netns exec ${netns} sysctl -e ${keys.join(' ')}`;
  const script = [asked(netns, [], [...both, ...more]), asked(netns, ['-6'], ['rule show']), values];
  const output = await hands.run(script.join('\n'));
  const [routes = [], rules = [], links = [], permanent = [], proxies = [], rules6 = []] = rowsOf(output);
  const own = (rows: readonly Row[]) => rows.filter(({ protocol }) => protocol !== 'kernel').map(bareRow);
  return sorted({
    links: links.map(({ addr_info: _, ...link }) => bareRow(link)),
    addresses: links.flatMap(({ addr_info, ifname }) =>
      (addr_info as Row[]).filter(isOwn).map((row) => ({ dev: ifname, ...bareRow(row) })),
    ),
    routes: [...own(routes), ...(networks ? routes.filter(isOfNetwork).map(bareRow) : [])],
    rules: own([...rules, ...rules6]),
    neighbours: [...permanent, ...proxies.map((row) => ({ ...row, proxy: true }))],
    sysctls: [...output.matchAll(/^(\S+) = (.*)$/gm)].map(([, name, value]) => ({ name, value })),
  });
}

/**
 * Without what bridges take from their ports where nobody gave it to them, mtu and MAC address: one that was made again has them as
 * given, which the kernel has no way to undo.
 */
export function withoutTaken(shown: Shown): Shown {
  const isBridge = ({ linkinfo }: Row) => (linkinfo as { info_kind?: string } | undefined)?.info_kind === 'bridge';
  const isPorts = ({ ifname, address }: Row) =>
    shown.links.some((port) => port.master === ifname && port.address === address);
  const isOwn = (link: Row) => isBridge(link) && (!String(link.address).startsWith('02:00:00:00:') || isPorts(link));
  return {
    ...shown,
    links: shown.links.map((link) => ({
      ...link,
      ...(isBridge(link) ? { mtu: 'any' } : {}),
      ...(isOwn(link) ? { address: 'any' } : {}),
    })),
  };
}

/** A link that was made again comes after the others, and what is on it too. */
function sorted(shown: Shown): Shown {
  const key = (row: Row) => String(row.ifname ?? JSON.stringify(row));
  const entries = Object.entries(shown).map(([name, rows]: [string, Row[]]) => [
    name,
    rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)),
  ]);
  return Object.fromEntries(entries) as unknown as Shown;
}

/** The kernel has made it for an address. */
function isOfNetwork({ protocol, type, dst }: Row): boolean {
  return protocol === 'kernel' && type === 'unicast' && dst !== 'fe80::/64';
}

/** Those of lo and link-local ones are the kernel's. */
function isOwn({ local, scope }: Row): boolean {
  return local !== '127.0.0.1' && local !== '::1' && scope !== 'link';
}

/** What of a row says the same as the task, by the words of ip. */
const looksLike: Readonly<Record<string, (params: Thing['params'], row: Row) => boolean>> = {
  address: ({ address, dev, metric, noprefixroute }, row) =>
    address === `${row.local}/${row.prefixlen}` &&
    dev === row.dev &&
    (metric === undefined || metric === row.metric) &&
    (noprefixroute === undefined || noprefixroute === row.noprefixroute),
  route: ({ dst, via, dev, type, table = 'main', metric, protocol }, row) =>
    (protocol === undefined || String(protocol) === row.protocol) &&
    network(dst) === row.dst &&
    via === row.gateway &&
    (dev === undefined || dev === row.dev) &&
    (type ?? 'unicast') === (row.type ?? 'unicast') &&
    String(table) === (row.table ?? 'main') &&
    (metric ?? (String(dst).includes(':') ? 1024 : undefined)) === row.metric,
  rule: ({ priority, from = 'all', to, fwmark, table, type }, row) =>
    priority === row.priority &&
    from === (row.srclen === undefined ? row.src : `${row.src}/${row.srclen}`) &&
    (fwmark === undefined ? undefined : '0x7') === row.fwmark &&
    to === (row.dst && `${row.dst}/${row.dstlen}`) &&
    (table === undefined ? undefined : String(table)) === row.table &&
    type === row.action,
  neighbour: ({ dst, dev, lladdr, proxy }, row) =>
    dst === row.dst && dev === row.dev && lladdr === row.lladdr && proxy === row.proxy,
};

const placeOf: Readonly<Record<string, keyof Shown>> = {
  address: 'addresses',
  route: 'routes',
  rule: 'rules',
  neighbour: 'neighbours',
};

function network(dst: unknown): string {
  return dst === '::/0' ? 'default' : String(dst).replace(/\/(?:32|128)$/, '');
}

function linkProblems({ module, params }: Thing, { links }: Shown): string[] {
  const row = links.find(({ ifname }) => ifname === params.name);
  if (row === undefined) return ['is not there'];
  const info = (row.linkinfo ?? {}) as { info_kind?: string; info_data?: Row };
  const data = info.info_data ?? {};
  const flags = row.flags as string[];
  const pairs: [string, unknown, unknown][] = [
    ['kind', module === 'link' ? 'veth' : module, info.info_kind],
    ['state', params.state, flags.includes('UP') ? 'up' : 'down'],
    ['master', params.master, row.master ?? ''],
    ['mtu', params.mtu, row.mtu],
    ['address', params.address, row.address],
    ['alias', params.alias, row.ifalias],
    ['parent', params.parent, row.link],
    ['id', params.id, data.id],
    ['mode', params.mode, data.mode],
    ['ttl', params.ttl, data.ttl],
    ['learning', params.learning, data.learning],
    ['ageing_time', params.ageing_time, data.ageing_time],
    ['stp', params.stp && 1, data.stp_state],
  ];
  return pairs.flatMap(([what, wanted, is]) =>
    wanted === undefined || wanted === is ? [] : [`has ${what} ${is}, not ${wanted}`],
  );
}

/** Where a namespace is not as asked for; what is there beside it does not count. */
export function problems(state: RandomState, shown: Shown): readonly string[] {
  return state.flatMap((thing) => {
    const { module, params } = thing;
    const found = thingProblems(thing, shown);
    return found.map((problem) => `${module} ${JSON.stringify(params)} ${problem}`);
  });
}

function thingProblems(thing: Thing, shown: Shown): string[] {
  const { module, params } = thing;
  if (module === 'sysctl') {
    const is = shown.sysctls.find(({ name }) => name === params.name)?.value;
    return is === String(params.value) ? [] : [`is ${is}`];
  }
  const [place, alike] = [placeOf[module], looksLike[module]];
  if (place === undefined || alike === undefined) return linkProblems(thing, shown);
  return shown[place].some((row) => alike(params, row)) ? [] : ['is not there'];
}

/** What a namespace has beside what was asked for and what the kernel made. */
export function superfluous(state: RandomState, shown: Shown): readonly string[] {
  const names = new Set<unknown>(['lo', ...state.flatMap(({ params: { name, peer } }) => [name, peer])]);
  const links = shown.links.filter(({ ifname }) => !names.has(ifname)).map(({ ifname }) => `link ${ifname}`);
  const others = (['address', 'route', 'rule'] as const).flatMap((module) => {
    const wanted = state.filter((thing) => thing.module === module);
    const rows = shown[placeOf[module] as keyof Shown];
    const more = rows.filter((row) => !wanted.some(({ params }) => looksLike[module]?.(params, row)));
    return more.map((row) => `${module} ${JSON.stringify(row)}`);
  });
  return [...links, ...others];
}
