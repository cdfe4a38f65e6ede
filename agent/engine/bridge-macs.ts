import type { ActingHost } from '../linux/acting-host.ts';
import type { Action } from '../linux/action.ts';
import { text } from '../modules/shared/rows.ts';
import { noMac } from './snapshot/risks.ts';
import { type HostState, own, ownNetns } from './snapshot/state.ts';
import { namespacesOf } from './snapshot/touched.ts';
import { applyAll } from './take-back.ts';

/** To be called before the actions; what it returns gives bridges that lost their MAC address by them the one that they were found with. */
export async function noteBridgeMacs(
  actions: readonly Action[],
  before: HostState,
  host: ActingHost,
): Promise<() => Promise<void>> {
  const spaces = [...new Set(actions.flatMap((action) => (action.op === 'ip' ? namespacesOf(action) : [])))];
  const macs = async () =>
    (
      await Promise.all(
        spaces.map(async (netns) =>
          (
            await host.ip(['link', 'show', 'type', 'bridge'], netns)
          ).rows.map((row) => {
            const name = text(row, 'ifname') ?? '';
            return { netns, name, mac: text(row, 'address') };
          }),
        ),
      )
    ).flat();
  const noted = (await macs()).filter(({ mac }) => mac !== noMac);
  return async () => {
    const lost = (await macs()).filter(({ mac }) => mac === noMac);
    const back = lost.flatMap(({ netns, name }): Action[] => {
      const item = own(own(before, netns ?? ownNetns)?.items.links ?? {}, name);
      const found = typeof item === 'object' ? text(item, 'address') : undefined;
      const last = noted.find((each) => each.netns === netns && each.name === name);
      const mac = found ?? last?.mac;
      if (last === undefined || mac === undefined) return [];
      return [{ op: 'ip', netns, args: ['link', 'set', 'dev', name, 'address', mac] }];
    });
    await applyAll(back, host);
  };
}
