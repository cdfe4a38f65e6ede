import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action } from '../../linux/action.ts';
import { kindOf } from '../../modules/shared/link/state.ts';
import { text } from '../../modules/shared/rows.ts';
import type { Journal } from '../books/journal.ts';
import { noMac } from '../snapshot/risks.ts';
import { type HostState, own, ownNetns } from '../snapshot/state.ts';
import { noteCosts } from './costs-of-undo.ts';
import { applyAll, booksAt } from './take-back.ts';

/**
 * Gives bridges that the run had ports for, and that have no MAC address once it is undone, the one that the snapshot has, whoever took
 * the ports away. Others are left to take that of their next port: the kernel has no way to let go of one that was given.
 */
export async function giveBridgeMacs(
  journal: Pick<Journal, 'entries' | 'masters' | 'undoes' | 'owe'>,
  state: HostState,
  putOff: Action[],
  host: ActingHost,
): Promise<void> {
  const back: Action[] = [];
  for (const { netns, name } of journal.masters) {
    const link = own(own(state, netns ?? ownNetns)?.items.links ?? {}, name);
    if (typeof link !== 'object' || kindOf(link) !== 'bridge') continue;
    const mac = text(link, 'address') ?? noMac;
    if (mac === noMac) continue;
    const { rows } = await host.ip(['link', 'show', 'type', 'bridge'], netns);
    // Somebody may have given it another name, or its name to another one.
    const row = rows.find(({ ifindex }) => ifindex === link.ifindex) ?? {};
    if (text(row, 'address') !== noMac) continue;
    back.push({ op: 'ip', netns, args: ['link', 'set', 'dev', text(row, 'ifname') ?? name, 'address', mac] });
  }
  const [last] = journal.entries;
  const costs = await noteCosts(back, putOff, host, last && booksAt(last, journal));
  await applyAll(back, host);
  await costs();
}
