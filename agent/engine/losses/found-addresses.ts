import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action } from '../../linux/action.ts';
import { type Row, rows, text } from '../../modules/shared/rows.ts';
import { addressOrders } from '../snapshot/address-orders.ts';
import { sameItem } from '../snapshot/compare.ts';
import { keyed } from '../snapshot/keys.ts';
import { inOrder, restoring } from '../snapshot/restore.ts';
import { isNewLinkLocal, isRelabelled, risksOf } from '../snapshot/risks.ts';
import { type Difference, type Items, netnsName, ownNetns } from '../snapshot/state.ts';

/** The addresses of a link before a step that may disturb them, as ip lists them. */
export interface FoundAddresses {
  readonly netns?: string | undefined;
  readonly dev: string;
  readonly addresses: readonly Row[];
}

/** What the actions may disturb. */
export async function findAddresses(actions: readonly Action[], host: ActingHost): Promise<readonly FoundAddresses[]> {
  const risks = actions.flatMap(risksOf);
  const found = risks.map(async (risk) => {
    if (risk.kind !== 'link' && risk.kind !== 'ipv6') return [];
    const netns = netnsName(risk.netns);
    const dev = risk.dev === '*' ? [] : ['dev', risk.dev];
    const { rows: links } = await host.ip(['address', 'show', ...dev], netns);
    return links.map((link) => foundOn(link, netns)).filter(({ addresses }) => addresses.length > 0);
  });
  return (await Promise.all(found)).flat();
}

function foundOn(link: Row, netns: string | undefined): FoundAddresses {
  return { netns, dev: text(link, 'ifname') ?? '', addresses: rows(link, 'addr_info') };
}

/**
 * What leads addresses that are there back to their labels and then to their order, and takes a link-local one that the kernel
 * made anew away for the one that was there before. `section` after `section`: one that gets a label goes to the end of the order.
 */
export async function addressesBack(
  found: FoundAddresses,
  section: 'addresses' | 'address orders',
  host: ActingHost,
): Promise<readonly Action[]> {
  const { netns, dev } = found;
  const [link] = (await host.ip(['address', 'show', 'dev', dev], netns)).rows;
  if (link === undefined) return [];
  const differences = differing(section, found, foundOn(link, netns));
  // Where there was none, somebody has brought the link up since.
  const swaps = differences.some(isNewLinkLocal) && differences.some(isOldLinkLocal);
  const isMendable = (one: Difference) =>
    section === 'address orders' || isRelabelled(one) || (swaps && (isNewLinkLocal(one) || isOldLinkLocal(one)));
  const actions = inOrder(differences.filter(isMendable)).flatMap(restoring);
  if (section === 'address orders') return actions;
  // With the first address of a network go those that are second to it: they are taken off before it.
  const removes = (action: Action) => action.op === 'ip' && action.args[1] === 'delete';
  return [...actions.filter(removes).toReversed(), ...actions.filter((action) => !removes(action))];
}

function differing(section: 'addresses' | 'address orders', was: FoundAddresses, is: FoundAddresses): Difference[] {
  const [before, after] = [itemsOf(section, was), itemsOf(section, is)];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) => {
    const difference = { netns: was.netns ?? ownNetns, section, key, before: before[key], after: after[key] };
    return sameItem(section, difference.before, difference.after) ? [] : [difference];
  });
}

function itemsOf(section: 'addresses' | 'address orders', { dev, addresses }: FoundAddresses): Items {
  const own = addresses.map((row) => ({ ...row, dev }));
  const items = keyed('addresses', own);
  return section === 'addresses' ? items : addressOrders(items);
}

function isOldLinkLocal({ before, after }: Difference): boolean {
  return isNewLinkLocal({ netns: '', section: 'addresses', key: '', before: after, after: before });
}
