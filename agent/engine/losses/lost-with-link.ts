import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action } from '../../linux/action.ts';
import { portCommands } from '../../modules/shared/bridge/port.ts';
import { restoreVlans } from '../../modules/shared/bridge/vlan-steps.ts';
import { vlansOf } from '../../modules/shared/bridge/vlans.ts';
import { kindOf } from '../../modules/shared/link/state.ts';
import { neighbourObject, neighbourOf, putNeighbour } from '../../modules/shared/neighbour.ts';
import { formOf, isDefault } from '../../modules/shared/queue/form.ts';
import { showPresent } from '../../modules/shared/queue/read.ts';
import { restoringCommands, restoringHooks } from '../../modules/shared/queue/restore.ts';
import { number, object, type Row, text } from '../../modules/shared/rows.ts';
import { readBridgeVlans, readFdb, readMdb } from '../snapshot/read-bridges.ts';
import { placeOf } from '../snapshot/read-place.ts';
import { readSysctls } from '../snapshot/read-sysctls.ts';
import { fdbBack, mdbBack } from '../snapshot/restore-bridges.ts';
import { netnsName, ownNetns } from '../snapshot/state.ts';
import type { LinkName } from '../steps/vanish.ts';

/** A link. */
export interface Place {
  readonly netns: string | undefined;
  readonly dev: string;
}

/** What is there by then stays. */
export function ifMissing(action: Action): Action {
  return action.op === 'ip' ? { ...action, ifMissing: true } : action;
}

/** What may go along with something else, by the name that entries have for it, and what brings it back. */
export interface Loss {
  readonly object: string;
  readonly action: Action;
}

/** Neighbours of a link ("*": of all) that somebody set; the kernel learns the others. */
export async function neighbourLosses({ netns, dev }: Place, host: ActingHost): Promise<readonly Loss[]> {
  const one = dev === '*' ? [] : ['dev', dev];
  const show = async (proxy: boolean, ...words: string[]) => {
    const shown = await host.ip(['neighbour', 'show', ...one, ...words], netns);
    return shown.rows.map((row): Loss => {
      const key = { dst: text(row, 'dst') ?? '', dev: text(row, 'dev') ?? dev, netns, proxy };
      const put = putNeighbour(key, neighbourOf(row));
      const action = put.op === 'ip' ? ifMissing({ ...put, args: put.args.with(1, 'add') }) : put;
      return { object: neighbourObject(key), action };
    });
  };
  return [...(await show(false, 'nud', 'permanent')), ...(await show(true, 'proxy'))];
}

/** Brings those back. */
export async function neighboursBack(place: Place, host: ActingHost): Promise<readonly Action[]> {
  return (await neighbourLosses(place, host)).map(({ action }) => action);
}

/** Whether actions bring neighbours of a link back. */
export function bringsNeighbours(actions: readonly Action[], { netns, name }: LinkName): boolean {
  const brings = ({ args }: { readonly args: readonly string[] }) =>
    args[0] === 'neighbour' && args[1] === 'add' && args.some((word, at) => word === 'dev' && args[at + 1] === name);
  return actions.some((action) => action.op === 'ip' && action.netns === netns && brings(action));
}

/** A bridge whose first port a link becomes had a MAC address of its own, which it does not find again. */
export async function bridgeAddressBack({ netns, dev }: Place, host: ActingHost): Promise<readonly Action[]> {
  const [bridge] = (await host.ip(['link', 'show', 'dev', dev], netns)).rows;
  const address = text(bridge ?? {}, 'address') ?? '';
  if (kindOf(bridge ?? {}) !== 'bridge' || /^[0:]*$/.test(address)) return [];
  const ports = await host.ip(['link', 'show', 'master', dev], netns);
  return ports.rows.length > 0 ? [] : [{ op: 'ip', netns, args: ['link', 'set', 'dev', dev, 'address', address] }];
}

/**
 * Brings back what a link that is removed, moved or put under another master had in tables of MAC addresses, groups and
 * VLANs, as a port or as a bridge or VXLAN itself, and its settings as a port.
 */
export async function tablesBack({ netns, dev }: Place, link: Row, host: ActingHost): Promise<readonly Action[]> {
  const isPort = text(object(link, 'linkinfo'), 'info_slave_kind') === 'bridge';
  if (!isPort && !['bridge', 'vxlan'].includes(kindOf(link) ?? '')) return [];
  const { rows: links } = await host.ip(['address', 'show'], netns);
  const place = placeOf(host, netns, links);
  const own = { netns: netnsName(netns ?? ownNetns) ?? ownNetns, before: undefined, after: undefined };
  const [vlans, fdb, mdb] = await Promise.all([readBridgeVlans(place), readFdb(place), readMdb(place)]);
  const its = (rows: object) =>
    Object.values(rows).filter((row: Row) => [row.dev, row.master, row.bridge].includes(dev)) as readonly Row[];
  return [
    ...(isPort ? portCommands(netns, dev, link) : []),
    ...(isPort ? vlansBack({ netns, dev }, link, links, its(vlans)) : []),
    ...its(fdb).flatMap((before) => fdbBack({ ...own, section: 'fdb', key: '', before })),
    ...its(mdb).flatMap((before) => mdbBack({ ...own, section: 'mdb', key: '', before })),
  ];
}

/** A port gets the VLAN that its bridge gives to all, where that has any. */
function vlansBack(place: Place, link: Row, links: readonly Row[], shown: readonly Row[]): readonly Action[] {
  const bridge = links.find((row) => text(row, 'ifname') === text(link, 'master'));
  const settings = object(object(bridge ?? {}, 'linkinfo'), 'info_data');
  const filtering = number(settings, 'vlan_filtering') ?? 0;
  if (filtering === 0) return [];
  const pvid = number(settings, 'vlan_default_pvid') ?? 1;
  const fresh = new Map(pvid === 0 ? [] : [[pvid, 'pvid untagged']]);
  return restoreVlans({ ...place, self: false }, new Map(shown.flatMap(vlansOf)), fresh);
}

/** Brings back those sysctls of a link that is removed or moved which are not what a new one gets. */
export async function sysctlsBack({ netns, dev }: Place, host: ActingHost): Promise<readonly Action[]> {
  const parts = ['ipv4/conf', 'ipv6/conf', 'ipv4/neigh', 'ipv6/neigh'].map((part) => `net/${part}`);
  const folders = parts.flatMap((part) => [`${part}/default`, `${part}/lo`, `${part}/${dev}`]);
  const values = await readSysctls({ host, netns }, folders);
  return Object.entries(values).flatMap(([key, value]): Action[] => {
    const [part, name] = [parts.find((each) => key.startsWith(`${each}/${dev}/`)), key.slice(key.lastIndexOf('/') + 1)];
    if (part === undefined || ofLink.includes(name)) return [];
    // Namespaces other than the first have no defaults of neighbours; there all links begin alike.
    const fresh = values[`${part}/default/${name}`] ?? values[`${part}/lo/${name}`];
    return fresh === value ? [] : [{ op: 'sysctl', netns, key, value: String(value) }];
  });
}

/** Brings back the queueing that somebody set up on a link that is removed, where that can be told. */
export async function queueingBack({ netns, dev }: Place, host: ActingHost): Promise<readonly Action[]> {
  const set = await placeOf(host, netns, []).setQdiscs();
  if (!set.some((row) => text(row, 'dev') === dev)) return [];
  // Check mode changes nothing, so nothing is promised here.
  const trial = { ip: host.ip.bind(host), scratch: host.scratch.bind(host), promised: () => false };
  const form = formOf(await showPresent(host, { netns, dev }));
  const tree = isDefault(form) ? undefined : await restoringCommands(trial, { netns, dev }, form);
  const hooks = form.hook === undefined ? undefined : await restoringHooks(trial, { netns, dev }, form);
  return [
    ...(tree === undefined ? [] : [{ op: 'tc', netns, dev, clear: 'root', commands: tree } as const]),
    ...(hooks === undefined ? [] : [{ op: 'tc', netns, dev, commands: hooks } as const]),
  ];
}

/** These follow what the link is. */
const ofLink = ['mtu', 'addr_gen_mode'];
