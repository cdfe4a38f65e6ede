import type { ActingHost } from '../linux/acting-host.ts';
import type { Action } from '../linux/action.ts';
import { kindOf } from '../modules/shared/link/state.ts';
import { text } from '../modules/shared/rows.ts';
import { noteCosts } from './costs-of-undo.ts';
import { noMac, type Risk } from './snapshot/risks.ts';
import { type HostState, netnsName, own } from './snapshot/state.ts';
import { applyAll } from './take-back.ts';

/**
 * Gives bridges that had ports of the lab, and have no MAC address without them, the one that the snapshot has. Others are left to
 * take that of their next port: the kernel has no way to let go of one that was given.
 */
export async function giveBridgeMacs(
  { state, risks }: { readonly state: HostState; readonly risks: readonly Risk[] },
  putOff: Action[],
  host: ActingHost,
): Promise<void> {
  const ports = risks.flatMap((risk) => (risk.kind === 'ports' ? [risk] : []));
  for (const space of new Set(ports.map(({ netns }) => netns))) {
    const netns = netnsName(space);
    const links = own(state, space)?.items.links ?? {};
    const lacking = new Set(await withoutMac(netns, host));
    const back = ports.flatMap((port): Action[] => {
      const link = port.netns === space && lacking.has(port.dev) ? own(links, port.dev) : undefined;
      const mac = typeof link === 'object' && kindOf(link) === 'bridge' ? text(link, 'address') : undefined;
      if (mac === undefined || mac === noMac) return [];
      return [{ op: 'ip', netns, args: ['link', 'set', 'dev', port.dev, 'address', mac] }];
    });
    const costs = await noteCosts(back, putOff, host);
    await applyAll(back, host);
    await costs();
  }
}

/** Names of bridges that have none. */
async function withoutMac(netns: string | undefined, host: ActingHost): Promise<readonly string[]> {
  const { rows } = await host.ip(['link', 'show', 'type', 'bridge'], netns);
  return rows.flatMap((row) => (text(row, 'address') === noMac ? (text(row, 'ifname') ?? []) : []));
}
