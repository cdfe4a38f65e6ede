import type { ActingHost } from '../linux/acting-host.ts';
import type { Action } from '../linux/action.ts';
import { kindOf } from '../modules/shared/link/state.ts';
import { text } from '../modules/shared/rows.ts';
import { noteCosts } from './costs-of-undo.ts';
import { noMac } from './snapshot/risks.ts';
import { type HostState, own, ownNetns } from './snapshot/state.ts';
import { namespacesOf } from './snapshot/touched.ts';
import { applyAll } from './take-back.ts';

/**
 * To be called before the actions; what it returns gives bridges that lost their MAC address by them the one that the snapshot
 * has. Others are left to take that of their next port: the kernel has no way to let go of one that was given.
 */
export async function noteBridgeMacs(
  actions: readonly Action[],
  before: HostState,
  putOff: Action[],
  host: ActingHost,
): Promise<() => Promise<void>> {
  const spaces = new Set(actions.flatMap((action) => (action.op === 'ip' ? namespacesOf(action) : [])));
  const noted = new Map<string | undefined, readonly string[]>();
  for (const netns of spaces) noted.set(netns, await withoutMac(netns, host));
  return async () => {
    for (const [netns, already] of noted) {
      const links = own(before, netns ?? ownNetns)?.items.links ?? {};
      const lost = (await withoutMac(netns, host)).filter((name) => !already.includes(name));
      const back = lost.flatMap((name): Action[] => {
        const link = own(links, name);
        const mac = typeof link === 'object' && kindOf(link) === 'bridge' ? text(link, 'address') : undefined;
        if (mac === undefined || mac === noMac) return [];
        return [{ op: 'ip', netns, args: ['link', 'set', 'dev', name, 'address', mac] }];
      });
      const costs = await noteCosts(back, putOff, host);
      await applyAll(back, host);
      await costs();
    }
  };
}

/** Names of bridges that have none. */
async function withoutMac(netns: string | undefined, host: ActingHost): Promise<readonly string[]> {
  const { rows } = await host.ip(['link', 'show', 'type', 'bridge'], netns);
  return rows.flatMap((row) => (text(row, 'address') === noMac ? (text(row, 'ifname') ?? []) : []));
}
