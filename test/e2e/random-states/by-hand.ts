import type { RandomState, Thing } from './state.ts';

type Params = Thing['params'];

function words(params: Params, ...keys: string[]): string[] {
  return keys.flatMap((key) => (params[key] === undefined || params[key] === '' ? [] : [key, String(params[key])]));
}

/** Only the words that a kind adds. */
const kinds: Readonly<Record<string, (params: Params) => string[]>> = {
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
  const make = kinds[kind] && `link add ${on} name ${name} type ${kind} ${kinds[kind](params).join(' ')}`;
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
export function linesOf(state: RandomState): readonly string[] {
  return state.flatMap(({ module, params }): string[] => {
    switch (module) {
      case 'address': {
        const { address, noprefixroute } = params;
        const rest = [...words(params, 'dev', 'metric'), ...(noprefixroute ? ['noprefixroute'] : [])];
        return [`address add ${address} ${rest.join(' ')}`];
      }
      case 'route':
        return [
          `route add ${params.type ?? ''} ${params.dst} ${words(params, 'via', 'dev', 'table', 'metric').join(' ')}`,
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
export function isSix({ module, params }: Thing): boolean {
  return (module === 'route' && String(params.dst).includes(':')) || params.family === 'inet6';
}
