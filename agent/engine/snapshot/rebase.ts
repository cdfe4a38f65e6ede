import type { Action } from '../../linux/action.ts';
import { kindOf } from '../../modules/shared/link/state.ts';
import { type Row, text } from '../../modules/shared/rows.ts';
import { inTurns } from '../steps/in-turns.ts';
import { linkStateOf, linksOf, namespacesOf } from '../steps/touched.ts';
import { removedLink } from '../steps/vanish.ts';
import { addressOrders, followOrders } from './address-orders.ts';
import { carriedBy, type LinkPlace } from './carriers.ts';
import { allDifferences, sameItem } from './compare.ts';
import { devicesOf } from './devices.ts';
import { type Followed, followNetworks } from './network-routes.ts';
import { concerns, takesAlong, touches } from './relation.ts';
import { foretold, isNewLinkLocal, risksOf } from './risks.ts';
import { asFound, ledByOthers, withFoundNetworks } from './second-addresses.ts';
import {
  type Difference,
  type HostState,
  type Item,
  type NetnsState,
  own,
  ownNetns,
  type Section,
  sections,
} from './state.ts';

/**
 * A snapshot after something else was changed for good: what one lab's undo changed from `from` to `to` was never
 * the doing of another lab, so that lab's snapshot follows wherever it said the same as `from`, but for what the lab itself did, which
 * `inverses` take back. `first`: the host before the lab that undoes. Pure; the same object when nothing follows.
 */
export async function rebase(
  snapshot: HostState,
  from: HostState,
  to: HostState,
  inverses: readonly Action[] = [],
  first: HostState = {},
): Promise<HostState> {
  const wide = inverses.flatMap((action) => (action.op === 'sysctl' ? risksOf(action) : []));
  // What comes back by what the lab set for all links is not what was there.
  const asFirst = (one: Difference) => {
    const known = one.before === undefined && own(own(first, one.netns)?.items.sysctls ?? {}, one.key);
    return known && wide.some((risk) => foretold(risk, one)) ? { ...one, after: known } : one;
  };
  const changes = (await allDifferences(from, to)).map(asFirst);
  return follow(snapshot, changes, [from, to], first, ownDoing(inverses, to));
}

/**
 * A lab's snapshot once it has taken over what another did: `actions` would undo that. The host was as the other lab found
 * it, in all that they touch. Namespaces that they delete had no state before. Pure.
 */
export async function inherited(
  snapshot: HostState,
  { before, found }: { readonly before: HostState; readonly found: HostState },
  actions: readonly Action[],
): Promise<HostState> {
  const touched = new Set([ownNetns, ...actions.flatMap(namespacesOf).map((netns) => netns ?? ownNetns)]);
  const known = { ...only(found, (netns) => touched.has(netns)), ...snapshot };
  const undone = (await allDifferences(found, before)).filter((one) => actions.some((action) => touches(action, one)));
  return follow(withReplaced(withoutDeleted(known, actions), undone, before), undone, [found, before], before);
}

/** Where a link makes room for the one that was there before, what was on that is back: nothing of what it knows is about it. */
function withReplaced(snapshot: HostState, changes: readonly Difference[], before: HostState): HostState {
  let state = snapshot;
  for (const { netns, section, key, before: found, after } of changes) {
    const [held, was] = [own(state, netns), own(before, netns)];
    if (section !== 'links' || after === undefined || held === undefined || was === undefined) continue;
    if (!isSameLink(own(held.items.links, key), found) || isSameLink(found, after)) continue;
    const items = { ...withoutLink(held, netns, key).items };
    for (const each of sections) items[each] = { ...items[each], ...itemsOf(was, each, netns, key, true) };
    state = { ...state, [netns]: { ...held, items } };
  }
  return state;
}

/**
 * A snapshot once links that it knows were made again, as ip shows them: they are the same, by another number. Pure; the same object
 * where none has another one.
 */
export function renumbered(
  snapshot: HostState,
  links: readonly { readonly netns: string; readonly row: Row }[],
): HostState {
  let state = snapshot;
  for (const { netns, row } of links) {
    const held = own(state, netns);
    const name = text(row, 'ifname') ?? '';
    const known = own(held?.items.links ?? {}, name);
    if (held === undefined || typeof known !== 'object' || kindOf(known) !== kindOf(row)) continue;
    if (known.ifindex === row.ifindex) continue;
    const numbered = { ...held.items.links, [name]: { ...known, ifindex: row.ifindex } };
    state = { ...state, [netns]: { ...held, items: { ...held.items, links: numbered } } };
  }
  return state;
}

/** Whether something new is there by the doing of a lab, which these inverses take back. `host`: as it is. */
function ownDoing(inverses: readonly Action[], host: HostState): (one: Difference) => boolean {
  // There may be thousands of inverses, and a hundred sysctls of each link; those are the doing of no change of a link.
  const others = inverses.filter(({ op }) => op !== 'ip');
  const lasting = withoutPassing(inverses);
  // Of a link that a lab changes, what is on it is not the lab's, but for what is there by that change alone.
  const names = (action: Action, { section }: Difference) => section === 'links' || linksOf(action).length === 0;
  let carried: readonly LinkPlace[] | undefined;
  const isCarried = (one: Difference) => {
    const hop = nexthopOf(one, host);
    if (hop === undefined) return false;
    carried ??= lasting.flatMap((action) => withoutCarrier(action, host));
    const devs = devicesOf({ ...one, section: 'nexthops', after: hop });
    return carried.some(({ netns, dev }) => netns === one.netns && devs.includes(dev));
  };
  const concerning = (one: Difference) => {
    if (one.section === 'sysctls') return others;
    // It is made anew whenever the link comes up.
    return isNewLinkLocal(one) ? inverses : lasting;
  };
  return (one) =>
    one.before === undefined &&
    (isCarried(one) ||
      concerning(one).some((action) => takesAlong(action, one) || (names(action, one) && concerns(action, one))));
}

/** The next hop that is new, or that a new route has. */
function nexthopOf({ netns, section, after: now }: Difference, host: HostState): Item | undefined {
  if (section === 'nexthops' || typeof now !== 'object') return section === 'nexthops' ? now : undefined;
  const hops = Object.values(own(host, netns)?.items.nexthops ?? {});
  return 'nhid' in now ? hops.find((hop) => typeof hop === 'object' && hop.id === now.nhid) : undefined;
}

/** Links that have no carrier once the action has been carried out. */
function withoutCarrier(action: Action, host: HostState): readonly LinkPlace[] {
  if (action.op !== 'ip') return [];
  const leaves = removedLink(action) !== undefined || action.args.includes('nomaster');
  if (!leaves && linkStateOf(action) !== 'down') return [];
  const links = Object.entries(host).map(([netns, { items }]) => [netns, Object.values(items.links)] as const);
  const netns = action.netns ?? ownNetns;
  return linksOf(action).flatMap((dev) => carriedBy({ netns, dev }, Object.fromEntries(links)));
}

/** Without those that take a link down, or up, which a later one turns round: what is on it is there for the lab again. */
function withoutPassing(inverses: readonly Action[]): readonly Action[] {
  const turned = (action: Action) =>
    action.op === 'ip' && linkStateOf(action) !== undefined ? `${action.netns} ${linksOf(action)}` : undefined;
  const last = new Map(inverses.map((action) => [turned(action), action]));
  return inverses.filter((action) => {
    const link = turned(action);
    return link === undefined || last.get(link) === action;
  });
}

/** A snapshot without the namespaces that actions delete: who made them, others had nothing there before. Pure. */
export function withoutDeleted(state: HostState, actions: readonly Action[]): HostState {
  const gone = actions.flatMap((action) => (action.op === 'netns-delete' ? [action.name] : []));
  return gone.some((netns) => own(state, netns) !== undefined) ? only(state, (netns) => !gone.includes(netns)) : state;
}

/** A state of these namespaces alone. */
export function only(state: HostState, wanted: (netns: string) => boolean): HostState {
  return Object.fromEntries(Object.entries(state).filter(([netns]) => wanted(netns)));
}

async function follow(
  from: HostState,
  changes: readonly Difference[],
  hosts: readonly [HostState, HostState],
  first: HostState,
  isOwn = (_: Difference) => false,
): Promise<HostState> {
  const snapshot = withoutGone(from, changes);
  const state: Record<string, NetnsState> = { ...snapshot };
  // Copied once: a link that goes takes a hundred sysctls out of thousands along.
  const copies = new Map<string, Record<string, Item>>();
  await inTurns(changes, (change) => {
    const { netns, section, key, before, after } = change;
    const held = own(state, netns);
    if (held === undefined || section === 'netns') return;
    // What is on a link that the snapshot does not know goes with that.
    const isKnown = (dev: string) => {
      const numbers = hosts.map((host) => numberOf(dev, own(host, netns)));
      const number = numberOf(dev, held);
      return number === undefined ? numbers.every((each) => each === undefined) : numbers.includes(number);
    };
    if (section !== 'links' && !devicesOf(change).every(isKnown)) return;
    const known = own(held.items[section], key);
    // A link is replaced whatever had become of it in between.
    const isReplaced = section === 'links' && isSameLink(known, before) && !isSameLink(known, after);
    if ((!isReplaced && !sameItem(section, known, before)) || isOwn(change)) return;
    const place = `${section} ${netns}`;
    const items = copies.get(place) ?? { ...held.items[section] };
    if (after === undefined) delete items[key];
    else items[key] = after;
    if (copies.has(place)) return;
    copies.set(place, items);
    state[netns] = { ...held, items: { ...held.items, [section]: items } };
  });
  for (const [netns, is] of Object.entries(state)) {
    if (!['addresses', 'address orders', 'routes'].some((section) => copies.has(`${section} ${netns}`))) continue;
    const [was, before, to] = [snapshot, ...hosts].map((host) => own(host, netns));
    if (was === undefined || before === undefined || to === undefined) continue;
    const found = own(first, netns);
    const { items, unread } = withNetworks({ was, is, to, first: found }, netns, isOwn);
    const led = ledByOthers(items.addresses, to.items.addresses).filter(
      (name) => own(was.items.addresses, name) === undefined,
    );
    const back = asFound(items.addresses, led, found?.items.addresses);
    const addresses = followOrders(back, [was, before, without(to, led), found]);
    const came = Object.entries(addresses).flatMap(([name, row]) => (led.includes(name) ? [row] : []));
    const routes = withFoundNetworks(items.routes, came, found?.items.routes);
    state[netns] = { items: { ...items, routes, addresses, 'address orders': addressOrders(addresses) }, unread };
  }
  return copies.size === 0 ? snapshot : state;
}

/** What the kernel puts behind all others where another address is the first one of its network says nothing of its place without that. */
function without({ items, unread }: NetnsState, names: readonly string[]): NetnsState {
  const addresses = Object.entries(items.addresses).filter(([name]) => !names.includes(name));
  return { items: { ...items, addresses: Object.fromEntries(addresses) }, unread };
}

/** The namespace with IPv6's routes to networks as its addresses have them, but for what the lab itself brought. */
function withNetworks(followed: Followed, netns: string, isOwn: (one: Difference) => boolean): NetnsState {
  const { was, is, to } = followed;
  const { stay, come, left } = followNetworks(followed);
  const routes = { ...is.items.routes };
  for (const key of stay) {
    const known = own(was.items.routes, key);
    if (known !== undefined) routes[key] ??= known;
  }
  for (const key of left) delete routes[key];
  for (const key of come) {
    const after = own(to.items.routes, key);
    if (after !== undefined && !isOwn({ netns, section: 'routes', key, after })) routes[key] ??= after;
  }
  return { ...is, items: { ...is.items, routes } };
}

/**
 * Namespaces and links that went are gone whatever had become of them in between (a bridge has the MAC address of its ports),
 * with all they had.
 */
function withoutGone(snapshot: HostState, changes: readonly Difference[]): HostState {
  let state = snapshot;
  for (const { netns, section, key, before, after } of changes) {
    const known = own(state, netns);
    if (known === undefined || after !== undefined) continue;
    if (section === 'netns') state = only(state, (name) => name !== netns);
    else if (section === 'links' && isSameLink(own(known.items.links, key), before)) {
      state = { ...state, [netns]: withoutLink(known, netns, key) };
    }
  }
  return state;
}

function numberOf(dev: string, state: NetnsState | undefined): unknown {
  const link = own(state?.items.links ?? {}, dev);
  return typeof link === 'object' ? link.ifindex : undefined;
}

function isSameLink(one: Item | undefined, other: Item | undefined): boolean {
  return typeof one === 'object' && typeof other === 'object' && one.ifindex === other.ifindex;
}

function withoutLink(state: NetnsState, netns: string, dev: string): NetnsState {
  const items = { ...state.items };
  for (const section of sections) items[section] = itemsOf(state, section, netns, dev, false);
  return { ...state, items };
}

/** What a section has on a link, or beside it. */
function itemsOf({ items }: NetnsState, section: Section, netns: string, dev: string, isOn: boolean) {
  const wanted = Object.entries(items[section]).filter(
    ([key, before]) => devicesOf({ netns, section, key, before }).includes(dev) === isOn,
  );
  return Object.fromEntries(wanted);
}
