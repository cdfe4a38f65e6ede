import { OrchError } from '../../../proto/errors.ts';
import type { ActingHost } from '../../linux/acting-host.ts';
import { nexthopRows } from '../../modules/shared/nexthop/read.ts';
import { type Row, rows, text } from '../../modules/shared/rows.ts';
import { isWay } from '../steps/apply-inverse.ts';
import { asOrchError } from '../steps/diagnostic.ts';
import { addressOrders } from './address-orders.ts';
import { keyed } from './keys.ts';
import { readBridgeVlans, readFdb, readMdb } from './read-bridges.ts';
import { readNftTables } from './read-nft.ts';
import { type Place, placeOf } from './read-place.ts';
import { readClassesAndFilters, readQdiscs } from './read-queueing.ts';
import { readSysctls } from './read-sysctls.ts';
import { type Items, type NetnsState, netnsName, type Section } from './state.ts';

type Read = (place: Place) => Promise<Items>;

const readers: Readonly<Record<Exclude<Section, 'links' | 'addresses' | 'address orders'>, Read>> = {
  nexthops: async ({ host, netns }) => keyed('nexthops', withLinks(await nexthopRows(host, netns))),
  rules: async ({ host, netns }) => keyed('rules', await bothFamilies(host, netns, 'rule', 'show')),
  routes: async ({ host, netns }) => {
    const routes = await bothFamilies(host, netns, 'route', 'show', 'table', 'all');
    // Of an undo that is broken off, which the next one takes away.
    return keyed(
      'routes',
      routes.filter((row) => !isWay(row)),
    );
  },
  neighbours: async ({ host, netns }) => {
    const set = await rowsOf(host, netns, 'neighbour', 'show', 'nud', 'permanent');
    const proxies = await rowsOf(host, netns, 'neighbour', 'show', 'proxy');
    return keyed('neighbours', [...set, ...proxies.map((row) => ({ ...row, proxy: true }))]);
  },
  'bridge vlans': readBridgeVlans,
  fdb: readFdb,
  mdb: readMdb,
  qdiscs: readQdiscs,
  'classes and filters': readClassesAndFilters,
  'nft tables': readNftTables,
  sysctls: (place) => readSysctls(place),
};

/**
 * Reads one namespace; "" is the host's own. Queries run side by side. `only`: these sections beside links and addresses,
 * the others count as unread. Undefined: there is no such namespace.
 */
export async function readState(
  host: ActingHost,
  name: string,
  only?: readonly Section[],
): Promise<NetnsState | undefined> {
  const netns = netnsName(name);
  if (netns !== undefined && !(await host.netnsNames()).includes(netns)) return undefined;
  const unread: Partial<Record<Section, string>> = {};
  const links = await rowsOf(host, netns, 'address', 'show');
  const place = placeOf(host, netns, links);
  const reading = Object.entries(readers).map(async ([section, read]): Promise<[string, Items]> => {
    try {
      if (only?.includes(section as Section) === false) throw notAsked;
      return [section, await read(place)];
    } catch (error) {
      unread[section as Section] = asOrchError(error).summary;
      return [section, {}];
    }
  });
  const items = { ...linksAndAddresses(links), ...Object.fromEntries(await Promise.all(reading)) };
  return { items: items as NetnsState['items'], unread };
}

const notAsked = new OrchError({ code: 'internal', summary: 'not asked for' });

/** A group of next hops is on the links of its members. */
function withLinks(nexthops: readonly Row[]): readonly Row[] {
  const devs = new Map(nexthops.map((row) => [row.id, text(row, 'dev')]));
  return nexthops.map((row) =>
    'group' in row ? { ...row, links: rows(row, 'group').flatMap(({ id }) => devs.get(id) ?? []) } : row,
  );
}

/** `ip address show` lists links, each with its addresses. */
function linksAndAddresses(links: readonly Row[]): Pick<NetnsState['items'], 'links' | 'addresses' | 'address orders'> {
  const bare = links.map(({ addr_info: _, ...link }) => link);
  const addresses = links.flatMap((link) =>
    rows(link, 'addr_info').map((row) => ({ ...row, dev: text(link, 'ifname') })),
  );
  const items = keyed('addresses', addresses);
  return { links: keyed('links', bare), addresses: items, 'address orders': addressOrders(items) };
}

async function rowsOf(host: ActingHost, netns: string | undefined, ...args: string[]): Promise<readonly Row[]> {
  return (await host.ip(args, netns)).rows;
}

async function bothFamilies(host: ActingHost, netns: string | undefined, ...args: string[]): Promise<readonly Row[]> {
  const [four, six] = await Promise.all([rowsOf(host, netns, '-4', ...args), rowsOf(host, netns, '-6', ...args)]);
  return [...four.map((row) => ({ family: 4, ...row })), ...six.map((row) => ({ family: 6, ...row }))];
}
