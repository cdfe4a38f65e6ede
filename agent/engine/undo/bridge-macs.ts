import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action } from '../../linux/action.ts';
import { kindOf } from '../../modules/shared/link/state.ts';
import { text } from '../../modules/shared/rows.ts';
import { noMac, type Risk } from '../snapshot/risks.ts';
import { type HostState, netnsName, own } from '../snapshot/state.ts';
import { noteCosts } from './costs-of-undo.ts';
import { applyAll } from './take-back.ts';

/**
 * To be called before the actions of an undo; what it returns gives bridges that had ports of the lab, and lost their MAC address by
 * them, the one that the snapshot has. Others are left to take that of their next port: the kernel has no way to let go of one that
 * was given. It is told whether they may have lost it before: links that were to be taken away were gone, as where an undo was broken off.
 */
export async function noteBridgeMacs(
  { state, risks }: { readonly state: HostState; readonly risks: readonly Risk[] },
  putOff: Action[],
  host: ActingHost,
): Promise<(before: boolean) => Promise<void>> {
  const ports = risks.flatMap((risk) => (risk.kind === 'ports' ? [risk] : []));
  const noted = new Map<string, readonly string[]>();
  for (const space of new Set(ports.map(({ netns }) => netns)))
    noted.set(space, await withoutMac(netnsName(space), host));
  return async (before) => {
    for (const [space, already] of noted) {
      const netns = netnsName(space);
      const links = own(state, space)?.items.links ?? {};
      const lost = new Set((await withoutMac(netns, host)).filter((name) => before || !already.includes(name)));
      const back = ports.flatMap((port): Action[] => {
        const link = port.netns === space && lost.has(port.dev) ? own(links, port.dev) : undefined;
        const mac = typeof link === 'object' && kindOf(link) === 'bridge' ? text(link, 'address') : undefined;
        if (mac === undefined || mac === noMac) return [];
        return [{ op: 'ip', netns, args: ['link', 'set', 'dev', port.dev, 'address', mac] }];
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
