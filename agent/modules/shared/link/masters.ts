import type { Host } from '../../../linux/host.ts';
import type { Step } from '../../module.ts';
import { placed } from '../place.ts';
import { setLink } from './actions.ts';
import type { LinkParams, LinkState } from './types.ts';

/** A link that others are ports of, and the mtu that this run has asked of it. */
export interface ToldMaster {
  readonly name: string;
  readonly mtu: number;
}

/** Masters of these links, before and after, whose mtu a task of this run has asked for. */
export function toldMasters(
  { netns, master }: LinkParams,
  links: readonly (LinkState | undefined)[],
  host: Host,
): readonly ToldMaster[] {
  const names = new Set([master, ...links.map((link) => link?.values.master)]);
  return [...names].flatMap((name) => {
    if (typeof name !== 'string' || name === '') return [];
    const tasks = host.asked(name).map(({ params }) => params as Partial<LinkParams>);
    const about = tasks.findLast((task) => task.netns === netns && (task.mtu !== undefined || task.state === 'absent'));
    const mtu = about?.state === 'absent' ? undefined : about?.mtu;
    return typeof mtu === 'number' ? [{ name, mtu }] : [];
  });
}

/**
 * A bridge that has a mtu by itself takes the least of its ports' (br_mtu_auto_adjust, net/bridge/br_if.c), and does not tell
 * whether it was given it: so it is told again whenever a port of it is changed.
 */
export function withMasters(steps: readonly Step[], port: LinkParams, masters: readonly ToldMaster[]): readonly Step[] {
  if (steps.length === 0) return steps;
  const again = masters.map(
    ({ name, mtu }): Step => ({
      object: `link ${placed(port.netns, port.name)}`,
      action: setLink(port.netns, name, 'mtu', String(mtu)),
      undo: [],
    }),
  );
  return [...steps, ...again];
}
