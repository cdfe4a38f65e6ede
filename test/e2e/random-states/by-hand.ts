import { input } from './hands.ts';
import type { RandomState, Thing } from './state.ts';

type Params = Thing['params'];

function words(params: Params, ...keys: string[]): string[] {
  return keys.flatMap((key) => (params[key] === undefined || params[key] === '' ? [] : [key, String(params[key])]));
}

/** Only the words that a kind adds. */
const ownWords: Readonly<Record<string, (params: Params) => string[]>> = {
  veth: ({ peer }) => ['peer', 'name', String(peer)],
  dummy: () => [],
  ifb: () => [],
  bridge: ({ stp, ageing_time }) => [
    ...(stp ? ['stp_state', '1'] : []),
    ...(ageing_time === undefined ? [] : ['ageing_time', String(ageing_time)]),
  ],
  vlan: (params) => words(params, 'id'),
  macvlan: (params) => words(params, 'mode'),
  vxlan: (params) => [
    ...['id', String(params.id), 'dstport', String(params.port), params.learning ? 'learning' : 'nolearning'],
    ...words(params, 'ttl'),
  ],
};

function linkLines(kind: string, params: Params): string[] {
  const name = String(params.name);
  const on = params.parent === undefined ? '' : `link ${params.parent}`;
  const more = ownWords[kind]?.(params);
  const make = more && `link add ${on} name ${name} type ${kind} ${more.join(' ')}`;
  const set = `link set dev ${name}`;
  return [
    ...(make === undefined ? [] : [make]),
    ...['mtu', 'address'].flatMap((key) => (params[key] === undefined ? [] : [`${set} ${key} ${params[key]}`])),
    ...(params.alias === undefined ? [] : [`${set} alias "${params.alias}"`]),
    ...(params.master === '' ? [] : [`${set} master ${params.master}`]),
    `${set} ${params.state}`,
  ];
}

/** What somebody would type at `ip -batch` to have this state; sysctls come apart. */
function linesOf(state: RandomState): readonly string[] {
  return state.flatMap(({ module, params }): string[] => {
    switch (module) {
      case 'address': {
        const { address, noprefixroute } = params;
        const rest = [...words(params, 'dev', 'metric'), ...(noprefixroute ? ['noprefixroute'] : [])];
        return [`address add ${address} ${rest.join(' ')}`];
      }
      case 'route':
        return [
          `route add ${params.type ?? ''} ${params.dst} ${words(params, 'via', 'dev', 'table', 'metric', 'protocol').join(' ')}`,
        ];
      case 'rule':
        return [`rule add ${words(params, 'priority', 'from', 'to', 'fwmark', 'table', 'type').join(' ')}`];
      case 'neighbour':
        return [
          `neighbour add ${params.proxy ? 'proxy ' : ''}${params.dst} ${words(params, 'dev', 'lladdr').join(' ')}`,
        ];
      case 'sysctl':
        return [];
      default:
        return linkLines(module, params);
    }
  });
}

/** Lines of `ip -6 -batch`, where nothing in them says the family. */
function isSix({ module, params }: Thing): boolean {
  return (module === 'route' && String(params.dst).includes(':')) || params.family === 'inet6';
}

/** A script that leaves a namespace as somebody else would. */
export function makingByHand(netns: string, state: RandomState): string {
  // Duplicate address detection would have each look at the namespace wait for a second; link-local addresses come late.
  const still = ['conf.all.accept_dad=0', 'conf.default.accept_dad=0', 'conf.default.addr_gen_mode=1'];
  const wanted = state.filter(({ module }) => module === 'sysctl');
  const six = linesOf(state.filter(isSix));
  const inside = [
    'set -e',
    `sysctl -qw ${still.map((key) => `net.ipv6.${key}`).join(' ')}`,
    `ip -batch -${input(['link set lo up', ...linesOf(state.filter((thing) => !isSix(thing)))])}`,
    ...(six.length === 0 ? [] : [`ip -6 -batch -${input(six)}`]),
    ...wanted.map(({ params }) => `sysctl -qw ${params.name}=${params.value}`),
  ];
  return [`ip netns add ${netns}`, `ip netns exec ${netns} sh${input(inside, '..')}`].join('\n');
}

const kinds = ['veth', 'bridge', 'dummy', 'ifb', 'vlan', 'macvlan', 'vxlan'] as const;
const own: Readonly<Partial<Record<string, string>>> = { vlan: 'id 5', vxlan: 'id 5 dstport 4789' };

/** A script that says which of the kinds of links that states are made of this machine's kernel has, a line each. */
export function askingForKinds(): string {
  const tries = kinds.map((kind) => {
    const on = ['vlan', 'macvlan'].includes(kind) ? 'link base' : '';
    return `! ip link add ${on} name tried-${kind} type ${kind} ${own[kind] ?? ''} 2>/dev/null || echo ${kind}`;
  });
  return `unshare --net sh${input(['ip link add name base type bridge', ...tries])}`;
}
