import { execFileSync } from 'node:child_process';
import type { RandomState, Thing } from './state.ts';

type Row = Readonly<Record<string, unknown>>;

/** A namespace as ip shows it. */
export interface Shown {
  readonly links: readonly Row[];
  readonly addresses: readonly Row[];
  readonly routes: readonly Row[];
  readonly rules: readonly Row[];
  readonly neighbours: readonly Row[];
}

/** The rows that each query shows. */
export function ask(netns: string, family: readonly string[], queries: readonly string[]): readonly (readonly Row[])[] {
  const options = { input: `${queries.join('\n')}\n`, encoding: 'utf8' } as const;
  const text = execFileSync('ip', ['-n', netns, '-j', '-d', ...family, '-batch', '-'], options);
  const answers = text.split('\n').filter((line) => line.startsWith('['));
  // ip prints {} for what its filter left out.
  return answers.map((line) => (JSON.parse(line) as Row[]).filter((row) => Object.keys(row).length > 0));
}

/** Numbers that the kernel deals out, and what it works out as it runs. */
const unlike =
  /^(?:ifindex|link_index|qdisc|promiscuity|allmulti|operstate|(?:bridge|root)_id|\w+_timer|designated_\w+|tso_max_\w+|no|state_index)$/;

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

export function show(netns: string): Shown {
  const both = ['route show table all', 'rule show'];
  const more = ['address show', 'neighbour show nud permanent', 'neighbour show proxy'];
  const [routes = [], rules = [], links = [], permanent = [], proxies = []] = ask(netns, [], [...both, ...more]);
  const [routes6 = [], rules6 = []] = ask(netns, ['-6'], both);
  const own = (rows: readonly Row[]) => rows.filter(({ protocol }) => protocol !== 'kernel').map(bareRow);
  return sorted({
    links: links.map(({ addr_info: _, ...link }) => bareRow(link)),
    addresses: links.flatMap(({ addr_info, ifname }) =>
      (addr_info as Row[]).filter(isOwn).map((row) => ({ dev: ifname, ...bareRow(row) })),
    ),
    routes: own([...routes, ...routes6]),
    rules: own([...rules, ...rules6]),
    neighbours: [...permanent, ...proxies.map((row) => ({ ...row, proxy: true }))],
  });
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
  route: ({ dst, via, dev, type, table = 'main', metric }, row) =>
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
export function problems(state: RandomState, shown: Shown, netns: string): readonly string[] {
  return state.flatMap((thing) => {
    const { module, params } = thing;
    const found = thingProblems(thing, shown, netns);
    return found.map((problem) => `${module} ${JSON.stringify(params)} ${problem}`);
  });
}

function thingProblems(thing: Thing, shown: Shown, netns: string): string[] {
  const { module, params } = thing;
  if (module === 'sysctl') {
    const name = String(params.name);
    const is = execFileSync('ip', ['netns', 'exec', netns, 'sysctl', '-n', name], { encoding: 'utf8' }).trim();
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
