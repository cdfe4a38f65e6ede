import { isDeepStrictEqual } from 'node:util';
import { text } from '../../modules/shared/rows.ts';
import { sysctlName } from '../../modules/shared/sysctl.ts';
import { inTurns, turnOfOthers } from '../steps/in-turns.ts';
import { sameOrder } from './address-orders.ts';
import { devicesOf } from './devices.ts';
import { comparable } from './exclusions.ts';
import { networkRoutes, routeName } from './network-routes.ts';
import { withRemains } from './remains.ts';
import { isLeftRoute } from './risks.ts';
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

export interface Comparison {
  readonly differences: readonly Difference[];
  /** How many things were held against each other. */
  readonly compared: Readonly<Partial<Record<Section, number>>>;
  /** Why sections could not be compared: "nft tables: the host has no nft command". */
  readonly unread: readonly string[];
}

/** What of `before` is not so in `after`, namespace by namespace; namespaces only in `after` do not count. Pure. */
export async function compareHosts(before: HostState, after: HostState): Promise<Comparison> {
  const compared: Partial<Record<Section, number>> = {};
  const unread = new Set<string>();
  for (const [netns, was] of Object.entries(before)) {
    for (const section of sections) {
      const why = was.unread[section] ?? own(after, netns)?.unread[section];
      if (why !== undefined) unread.add(`${section}: ${why}`);
      else compared[section] = (compared[section] ?? 0) + Object.keys(was.items[section]).length;
    }
  }
  return { differences: folded(withRemains(await allDifferences(before, after))), compared, unread: [...unread] };
}

/** Every single difference, also what a link took along. */
export async function allDifferences(before: HostState, after: HostState): Promise<readonly Difference[]> {
  const differences: Difference[] = [];
  for (const [netns, was] of Object.entries(before)) {
    await turnOfOthers();
    const is = own(after, netns);
    if (is === undefined) {
      differences.push({ netns, section: 'netns', key: netns, before: 'present' });
      continue;
    }
    const readable = sections.filter((section) => (was.unread[section] ?? is.unread[section]) === undefined);
    for (const section of readable) differences.push(...(await compareSection(netns, section, was, is)));
  }
  return differences;
}

async function compareSection(netns: string, section: Section, was: NetnsState, is: NetnsState): Promise<Difference[]> {
  const old = was.items[section];
  const now = is.items[section];
  const unsettled = section === 'routes' ? [...tentative(was), ...tentative(is)] : [];
  const differences: Difference[] = [];
  const hold = (key: string): void => {
    const [before, after] = [own(old, key), own(now, key)];
    if (sameItem(section, before, after)) return;
    if (unsettled.some((address) => key.split(/[ /]/).includes(address))) return;
    differences.push({ netns, section, key, before, after });
  };
  await inTurns(Object.keys(old), hold);
  await inTurns(Object.keys(now), (key) => Object.hasOwn(old, key) || hold(key));
  return differences;
}

/**
 * A link that came or went takes its addresses, routes and settings along: the link says it all. So does an address for
 * the routes that the kernel makes of it.
 */
function folded(all: readonly Difference[]): readonly Difference[] {
  const places = (one: Difference) => devicesOf(one).map((dev) => `${one.netns}/${dev}`);
  const links = new Set(all.filter(isWholeLink).flatMap(places));
  const withFamily = (one: Difference) => places(one).map((place) => `${place} ${familyOf(one)}`);
  const changed = all.filter(({ section }) => section === 'addresses');
  const addresses = new Set(changed.flatMap(withFamily));
  // One that an address has left tells more.
  const isLeft = (one: Difference) => {
    const { after = '' } = one;
    if (!isLeftRoute(one) || typeof after === 'string' || after.type !== 'unicast') return false;
    const name = routeName(after) ?? '';
    return !changed.some((address) => address.after && networkRoutes(address.after).includes(name));
  };
  return all.filter((one) => {
    if (one.section === 'links') return true;
    if (places(one).some((place) => links.has(place))) return false;
    return isLeft(one) || !(isKernelRoute(one) && withFamily(one).some((place) => addresses.has(place)));
  });
}

function isKernelRoute({ section, before, after }: Difference): boolean {
  const row = before ?? after;
  return section === 'routes' && typeof row === 'object' && row.protocol === 'kernel';
}

function familyOf({ before, after }: Difference): 4 | 6 | undefined {
  const row = before ?? after;
  if (typeof row !== 'object') return undefined;
  return row.family === 6 || row.family === 'inet6' ? 6 : 4;
}

function isWholeLink({ section, before, after }: Difference): boolean {
  return section === 'links' && (before === undefined || after === undefined);
}

/** True when nothing that counts differs. Most things are the same to the letter, which is found out ten times as fast. */
export function sameItem(section: Section, a: Item | undefined, b: Item | undefined): boolean {
  if (a === b) return true;
  if (section === 'address orders') return sameOrder(a, b);
  if (typeof a === 'string' && typeof b === 'string') return false;
  if (JSON.stringify(a) === JSON.stringify(b)) return true;
  const [one, other] = [a, b].map((item) => (item === undefined ? undefined : comparable(section, item)));
  return isDeepStrictEqual(one, other);
}

/** Addresses that duplicate address detection is still at: their routes come by themselves, once it is done. */
function tentative(state: NetnsState): string[] {
  return Object.values(state.items.addresses).flatMap((row) =>
    typeof row !== 'string' && row.tentative === true ? (text(row, 'local') ?? []) : [],
  );
}

const singular: Readonly<Partial<Record<Section, string>>> = {
  addresses: 'address',
  'address orders': 'order of',
  'classes and filters': 'classes and filters',
};

/** "route ns01/default via 10.0.0.1 dev eth0", for people. */
export function differenceName({ netns, section, key }: Difference): string {
  if (section === 'netns') return `netns ${key}`;
  const word = singular[section] ?? section.replace(/s$/, '');
  const name = section === 'sysctls' ? sysctlName(key) : key;
  return `${word} ${netns === ownNetns ? '' : `${netns}/`}${name}`;
}
