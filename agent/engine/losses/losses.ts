import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action, Step } from '../../modules/module.ts';
import { type AddressRow, addressRow, isKernelMade } from '../../modules/shared/address/address.ts';
import { addAddress, addressObject } from '../../modules/shared/address/steps.ts';
import { parseCidr } from '../../modules/shared/ip-address.ts';
import { routeAction, routeBack, routeObject } from '../../modules/shared/route/action.ts';
import { type Route, routeOf } from '../../modules/shared/route/route.ts';
import { type Row, rows, text } from '../../modules/shared/rows.ts';
import { downWith } from '../snapshot/carriers.ts';
import { isBare } from '../snapshot/network-routes.ts';
import { type Risk, risksOf } from '../snapshot/risks.ts';
import { netnsName } from '../snapshot/state.ts';
import { type Network, networkAlong } from '../steps/left-networks.ts';
import { ipWords } from '../steps/touched.ts';
import { type LinkName, masterOf, removalsOf } from '../steps/vanish.ts';
import { type FoundAddresses, findAddresses } from './found-addresses.ts';
import { nexthopsBack } from './lost-nexthops.ts';
import {
  bridgeAddressBack,
  ifMissing,
  type Loss,
  neighboursBack,
  type Place,
  queueingBack,
  sysctlsBack,
  tablesBack,
} from './lost-with-link.ts';
import { type Along, sysctlsAlong } from './written-along.ts';

/** What a run has noted until now. */
export interface RunNotes {
  /** Whether its inverses take this link away, or bring its neighbours back. */
  takesBackMaster(link: LinkName): boolean;
}

/** A step as journals have it. */
export interface NotedStep extends Step {
  /** Addresses that it may disturb. */
  readonly found?: readonly FoundAddresses[];
  /** Sysctls that the kernel may write along with it. */
  readonly sysctls?: Along;
  /** The route to its network that the kernel makes for an address. */
  readonly network?: Network;
}

/** What a change may take along. */
interface Endangered {
  readonly netns: string | undefined;
  /** "*": any. */
  readonly dev: string;
  readonly families: readonly (4 | 6)[];
  /** Routes that prefer this source go wherever they lead (fib_sync_down_addr() in net/ipv4/fib_semantics.c). */
  readonly source: string | undefined;
  /** With those that are there, the kernel makes its own routes again; not known: with all of them. */
  readonly addresses?: readonly Row[];
}

/**
 * The steps, with inverses that also bring back what the kernel drops along with the change: addresses, routes, neighbours,
 * what stands in tables of MAC addresses, and a link's sysctls. A rollback leads to a state in the middle of a lab's life, of
 * which there is no snapshot. What is still there when the inverse is carried out, stays.
 */
export async function withLosses(
  steps: readonly Step[],
  host: ActingHost,
  run?: RunNotes,
): Promise<readonly NotedStep[]> {
  const undoneBy = undoingSteps(steps);
  const found = await Promise.all(
    steps.map(async (step, at) => {
      const losses = undoneBy[at] === at ? await lossesOf(step, host) : await lostToPort(step, host, run);
      const addresses = step.undo.length === 0 ? [] : await findAddresses(removalsOf(step), host);
      const sysctls = await sysctlsAlong(step, host);
      const { network, back } = await networkAlong(step.action, host);
      return { losses: [...losses, ...back.map(ifMissing)], addresses, sysctls, network };
    }),
  );
  const known = new Set<string>();
  const fresh = <T>(all: readonly T[]) => {
    const left = all.filter((one) => !known.has(JSON.stringify(one)));
    for (const one of left) known.add(JSON.stringify(one));
    return left;
  };
  return steps.map((step, at) => {
    // The first step that costs it is undone last, when all is there that it needs: a link that is up, under its old name.
    const { addresses = [], sysctls, network } = found[at] ?? {};
    const lost = fresh(found.flatMap(({ losses }, by) => (undoneBy[by] === at ? losses : [])));
    const disturbed = fresh(addresses);
    return {
      ...step,
      ...(lost.length === 0 ? {} : { undo: [...step.undo, ...lost] }),
      ...(disturbed.length === 0 ? {} : { found: disturbed }),
      ...(sysctls && { sysctls }),
      ...(network && { network }),
    };
  });
}

/** What is done to a new link is undone by the step that made it. */
function undoingSteps(steps: readonly Step[]): readonly number[] {
  return steps.map(({ removes }, at) =>
    removes ? at : steps.findLastIndex(({ undo }, index) => index <= at && undo.length > 0),
  );
}

/** To be called once the steps were carried out: what of their `noted` losses is still there, step by step. */
export async function sparedBy(
  steps: readonly Step[],
  noted: readonly Step[],
  host: ActingHost,
): Promise<readonly (readonly Action[])[]> {
  const feared = noted.map(({ undo }, at) => undo.slice(steps[at]?.undo.length).filter(goesAtOnce));
  if (feared.every((each) => each.length === 0)) return [];
  const undoneBy = undoingSteps(steps);
  const risked = steps.map((step, at) => (undoneBy[at] === at ? lossesOf(step, host) : lostToPort(step, host)));
  const there = new Set((await Promise.all(risked)).flat().map((action) => JSON.stringify(action)));
  return feared.map((each) => each.filter((action) => there.has(JSON.stringify(action))));
}

/** What has a next hop goes with the carrier, of which the kernel hears later. */
function goesAtOnce(action: Action): boolean {
  if (action.op !== 'ip' || action.args.includes('nhid')) return false;
  return ['address', 'route', 'neighbour'].includes(ipWords(action.args)[0] ?? '');
}

/** What the actions cost that are to be carried out, to be put back after them. */
export async function costsOf(actions: readonly Action[], host: ActingHost): Promise<readonly Action[]> {
  const noted = await withLosses(
    actions.map((action) => ({ object: '', action, undo: [action] })),
    host,
  );
  return noted.flatMap(({ undo }) => undo.slice(1));
}

/**
 * The steps as a destroy undoes them: it finds by the snapshot what else the kernel has dropped, and brings that back, but for
 * queueing, of which a snapshot doesn't tell how it is made. `noted`: the same by `withLosses`.
 */
export function withQueueing(steps: readonly Step[], noted: readonly Step[]): readonly Step[] {
  return steps.map((step, at) => {
    const queueing = noted[at]?.undo.slice(step.undo.length).filter(({ op }) => op === 'tc') ?? [];
    return queueing.length === 0 ? step : { ...step, undo: [...step.undo, ...queueing] };
  });
}

/** What a new link costs the one that it becomes a port of, where that was there before the run. */
async function lostToPort({ action }: Step, host: ActingHost, run?: RunNotes): Promise<readonly Action[]> {
  const master = masterOf(action);
  if (master === undefined || run?.takesBackMaster(master)) return [];
  return neighboursOfMaster({ netns: master.netns, dev: master.name }, host);
}

/** Another MAC address of a port may be its master's, too. */
async function lostByMaster({ netns, dev }: Place, host: ActingHost): Promise<readonly Action[]> {
  const [link] = (await host.ip(['link', 'show', 'dev', dev], netns)).rows;
  const master = text(link ?? {}, 'master');
  return master === undefined ? [] : neighboursOfMaster({ netns, dev: master }, host);
}

/** Those that a link may lose to the MAC address of a port: not where it was given one, which ip does not tell. */
async function neighboursOfMaster({ netns, dev }: Place, host: ActingHost): Promise<readonly Action[]> {
  const neighbours = await neighboursBack({ netns, dev }, host);
  if (neighbours.length === 0) return [];
  const argv = ['cat', `/sys/class/net/${dev}/addr_assign_type`];
  const { stdout } = await host.exec({ argv, netns }, { onlyReads: true });
  return stdout.trim() === addressIsGiven ? [] : neighbours;
}

/** NET_ADDR_SET in include/linux/netdevice.h. */
const addressIsGiven = '3';

async function lossesOf(step: Step, host: ActingHost): Promise<readonly Action[]> {
  const losses: Action[] = [];
  for (const action of removalsOf(step)) {
    for (const risk of risksOf(action)) {
      losses.push(...(await lostBy(risk, action, host)));
      for (const other of await downRisks(risk, host)) losses.push(...(await lostBy(other, action, host)));
    }
  }
  return losses;
}

/** What links lose that go down with another one. */
async function downRisks(risk: Risk, host: ActingHost): Promise<readonly Risk[]> {
  if (risk.kind !== 'carrier') return [];
  const show = async (...words: string[]) => (await host.ip(['link', 'show', ...words], netnsName(risk.netns))).rows;
  const [vlans, ports] = await Promise.all([show('type', 'vlan'), show('master', risk.dev)]);
  if (vlans.length + ports.length === 0) return [];
  const down = downWith(risk, { [risk.netns]: [{ ifname: risk.dev }, ...vlans, ...ports] });
  return down.flatMap((place) => (['link', 'carrier'] as const).map((kind) => ({ kind, ...place })));
}

async function lostBy(risk: Risk, action: Action, host: ActingHost): Promise<readonly Action[]> {
  if (risk.kind === 'ports') return bridgeAddressBack({ netns: netnsName(risk.netns), dev: risk.dev }, host);
  if (risk.kind === 'carrier') return nexthopsBack({ netns: netnsName(risk.netns), dev: risk.dev }, host);
  if (risk.kind !== 'link' && risk.kind !== 'ipv6' && risk.kind !== 'neighbours') return [];
  const place = { netns: netnsName(risk.netns), dev: risk.dev };
  const neighbours = await neighboursBack(place, host);
  if (risk.kind === 'neighbours') return [...neighbours, ...(await lostByMaster(place, host))];
  const words = action.op === 'ip' ? ipWords(action.args) : [];
  const source = words[0]?.startsWith('a') ? parseCidr(words[2] ?? '')?.address : undefined;
  const families = risk.kind === 'ipv6' ? ([6] as const) : ([4, 6] as const);
  const { links, actions } = await present({ ...place, families, source }, host);
  const [link] = links;
  const leaves = link !== undefined && words[0]?.startsWith('l') && words.some((word) => leaving.includes(word));
  const anew = leaves && words.some((word) => renewing.includes(word));
  const master = leaves ? text(link, 'master') : undefined;
  return [
    ...(anew ? await sysctlsBack(place, host) : []),
    ...actions,
    ...neighbours,
    ...(leaves ? await tablesBack(place, link, host) : []),
    ...(anew ? await queueingBack(place, host) : []),
    ...(master === undefined ? [] : await neighboursOfMaster({ ...place, dev: master }, host)),
  ];
}

/** Words of `ip link` that take a link away from the bridge that it is a port of. */
export const leaving = ['del', 'delete', 'netns', 'master', 'nomaster'];
/** Those after which its sysctls and its queueing are those of a new link. */
const renewing = ['del', 'delete', 'netns'];

/** Actions that bring back what is there now. */
async function present(
  endangered: Endangered,
  host: ActingHost,
): Promise<{ readonly links: readonly Row[]; readonly actions: readonly Action[] }> {
  const { netns, dev, families } = endangered;
  const links = (await host.ip(['address', 'show', ...(dev === '*' ? [] : ['dev', dev])], netns)).rows;
  if (links.length === 0) return { links, actions: [] };
  const addresses = links.flatMap((link) => addressLosses(link, netns, families));
  const here = links.flatMap((link) => rows(link, 'addr_info').map((row) => ({ ...row, dev: link.ifname })));
  const losses = [...addresses, ...(await routeLosses({ ...endangered, addresses: here }, host))];
  return { links, actions: losses.map(({ action }) => action) };
}

/** Routes that may go along; ip is asked for those of one link or source alone. */
export async function routeLosses(
  endangered: Endangered,
  host: ActingHost,
  only: { readonly dev?: string; readonly src?: string } = {},
): Promise<readonly Loss[]> {
  const { netns, families } = endangered;
  const losses: Loss[] = [];
  for (const family of families) {
    const words = Object.entries(only).flat();
    const all = await host.ip([`-${family}`, 'route', 'show', 'table', 'all', ...words], netns);
    // What was asked for, ip does not tell again.
    const asked = { ...(only.dev && { dev: only.dev }), ...(only.src && { prefsrc: only.src }) };
    const rows = all.rows.map((row) => ({ family, ...asked, ...row })).filter((row) => isEndangered(row, endangered));
    const routes = rows.map((row) => routeOf(row, family, text(row, 'table') ?? 'main'));
    // Those through a gateway need the others first.
    const isThrough = ({ ways }: Route) => ways.some(({ via }) => via !== undefined);
    for (const gateway of [false, true])
      for (const route of routes.filter((each) => isThrough(each) === gateway))
        losses.push({ object: routeObject(route, netns), action: lostRoute(route, netns) });
  }
  return losses;
}

/** Addresses of a link that may go along. */
export function addressLosses(link: Row, netns: string | undefined, families: readonly (4 | 6)[]): readonly Loss[] {
  const dev = text(link, 'ifname') ?? '';
  const addresses = rows(link, 'addr_info').map((row) => addressRow(row, dev));
  // The kernel lists the newest one of IPv6 first.
  return (
    [...addresses.filter(({ family }) => family === 4), ...addresses.filter(({ family }) => family === 6).toReversed()]
      .filter(
        (address) => families.includes(address.family) && (!isKernelMade(address, dev) || isOwnLinkLocal(address)),
      )
      // Written over, one of IPv6 takes the route that another one of its network has by another metric (modify_prefix_route in
      // net/ipv6/addrconf.c).
      .map((address) => {
        const object = addressObject({ netns, dev }, address);
        return { object, action: ifMissing(addAddress({ netns, dev }, address)) };
      })
  );
}

/** One that somebody set: since Linux 5.18 those that the kernel makes say so, and before it makes the same again. */
function isOwnLinkLocal({ family, scope, protocol, secondary }: AddressRow): boolean {
  return family === 6 && scope === 'link' && protocol === undefined && !secondary;
}

function isEndangered(row: Row, { dev, source, addresses }: Endangered): boolean {
  const protocol = text(row, 'protocol');
  if (protocol === 'ra' || 'nhid' in row) return false;
  if (protocol === 'kernel' && (addresses === undefined || !isBare(row, addresses))) return false;
  const devs = [text(row, 'dev'), ...rows(row, 'nexthops').map((hop) => text(hop, 'dev'))];
  return dev === '*' || devs.includes(dev) || (source !== undefined && text(row, 'prefsrc') === source);
}

function lostRoute(route: Route, netns: string | undefined): Action {
  // IPv6 may have kept what is left of it without some of its ways, or its source.
  const isPartial = route.family === 6 && (route.ways.length > 1 || route.src !== undefined);
  return isPartial ? routeAction('replace', route, netns) : ifMissing(routeBack(route, netns));
}
