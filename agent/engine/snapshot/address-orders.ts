import { isDeepStrictEqual } from 'node:util';
import type { Action } from '../../linux/action.ts';
import { addressRow, addressText, isKernelMade } from '../../modules/shared/address/address.ts';
import { removeAddress, restoreAddress } from '../../modules/shared/address/steps.ts';
import { type Row, rows, text, texts } from '../../modules/shared/rows.ts';
import { ledByOthers } from './second-addresses.ts';
import { type Difference, type Item, type Items, type NetnsState, netnsName } from './state.ts';

/**
 * The addresses of links that have several, family by family, in the kernel's order: the first one that fits is the source of
 * what the host sends. Those that the kernel makes by itself have no place in it.
 */
export function addressOrders(addresses: Items): Items {
  const orders = new Map<string, { dev: string; family: 4 | 6; order: string[]; addresses: Row[] }>();
  for (const row of Object.values(addresses)) {
    if (typeof row === 'string') continue;
    const dev = text(row, 'dev') ?? '';
    const address = addressRow(row, dev);
    if (isKernelMade(address, dev)) continue;
    const key = `IPv${address.family} addresses on ${dev}`;
    const one = orders.get(key) ?? { dev, family: address.family, order: [], addresses: [] };
    orders.set(key, one);
    one.order.push(addressText(address));
    one.addresses.push(row);
  }
  return Object.fromEntries([...orders].filter(([, { order }]) => order.length > 1));
}

/** Whether what both have is in the same order. */
export function sameOrder(a: Item | undefined, b: Item | undefined): boolean {
  const [one, other] = inBoth(a, b);
  return isDeepStrictEqual(one, other);
}

/**
 * Addresses of a snapshot that followed an undo, in the order that this left where it knew that of before (`states`: the snapshot
 * before it followed, the host before and after the undo, and before the lab undone); else those that came are the last.
 */
export function followOrders(is: Items, states: readonly (NetnsState | undefined)[]): Items {
  const [known, before, after, first] = states.map((state) => byFamily(state?.items.addresses ?? {}));
  const keys = [...byFamily(is)].flatMap(([family, names]) => {
    const [old = [], then = [], now = [], found = []] = [known, before, after, first].map((all) => all?.get(family));
    if (!isDeepStrictEqual(common(old, then), common(then, old))) return names;
    const there = new Set(now);
    const order = [...common(now, names)];
    // What is not there comes behind what was before it.
    for (const name of names) {
      if (there.has(name)) continue;
      const others = found.includes(name) ? found : names;
      const last = others.slice(0, others.indexOf(name)).findLast((other) => order.includes(other));
      order.splice(last === undefined ? 0 : order.indexOf(last) + 1, 0, name);
    }
    return order;
  });
  return Object.fromEntries(keys.map((key) => [key, is[key] ?? '']));
}

/** Names of the addresses of each link, family by family. */
function byFamily(addresses: Items): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, string[]>();
  for (const [name, row] of Object.entries(addresses)) {
    if (typeof row === 'string') continue;
    const family = `${text(row, 'family')} ${text(row, 'dev')}`;
    const names = all.get(family) ?? [];
    all.set(family, names);
    names.push(name);
  }
  return all;
}

/** Takes off what is not in its turn, and puts it on again. What somebody else has put there since stays. */
export function orderBack({ netns, before, after }: Difference): readonly Action[] {
  if (typeof before !== 'object' || typeof after !== 'object') return [];
  const place = { dev: text(after, 'dev') ?? '', netns: netnsName(netns) };
  const all = rows(after, 'addresses').map((row) => addressRow(row, place.dev));
  const rowsOf = (names: readonly string[]) =>
    names.flatMap((name) => all.find((row) => addressText(row) === name) ?? []);
  // The kernel puts a new one behind those of IPv4, and before those of IPv6.
  const inTurn = (names: readonly string[]) => (after.family === 6 ? names.toReversed() : names);
  const present = inTurn(namesIn(after));
  const wanted = inTurn(inBoth(before, after)[0]);
  const late = wanted.slice(countInTurn(wanted, present));
  const off = present.filter((name) => late.includes(name)).toReversed();
  // With the first address of a network of IPv4 go those that are second to it. One of IPv6 that is there would take the route of
  // another one's metric for its own, and change it (modify_prefix_route in net/ipv6/addrconf.c).
  const on = after.family === 6 ? late : [...wanted, ...present.filter((name) => !wanted.includes(name))];
  return [
    ...rowsOf(off).flatMap((row) => removeAddress(place, row, []).map(({ action }) => action)),
    ...rowsOf(on).map((row) => restoreAddress(place, row)),
  ];
}

/** How many of the names are met in their order on the way through the others. */
function countInTurn(names: readonly string[], others: readonly string[]): number {
  let count = 0;
  for (const other of others) if (other === names[count]) count++;
  return count;
}

/**
 * What both orders have, each in its own turn. The kernel puts those that are second in a network of IPv4 behind all others: such a
 * one has no place of its own where the first one is of one side alone.
 */
function inBoth(a: Item | undefined, b: Item | undefined): readonly [readonly string[], readonly string[]] {
  const [one, other] = [named(a), named(b)];
  const led = [...ledByOthers(one, other), ...ledByOthers(other, one)];
  const placed = (names: readonly string[]) => names.filter((name) => !led.includes(name));
  return [placed(common(namesIn(a), namesIn(b))), placed(common(namesIn(b), namesIn(a)))];
}

/** The addresses of an order by their names. */
function named(order: Item | undefined): Items {
  if (typeof order !== 'object') return {};
  const dev = text(order, 'dev') ?? '';
  return Object.fromEntries(rows(order, 'addresses').map((row) => [addressText(addressRow(row, dev)), row]));
}

function common(names: readonly string[], others: readonly string[]): readonly string[] {
  const wanted = new Set(others);
  return names.filter((name) => wanted.has(name));
}

function namesIn(item: Item | undefined): readonly string[] {
  return typeof item === 'object' ? texts(item, 'order') : [];
}
