import type { Host } from '../../linux/host.ts';
import type { Step } from '../../modules/module.ts';
import { knownKind } from '../../modules/shared/link/kind.ts';
import { kindOf } from '../../modules/shared/link/state.ts';
import { number, type Row, text } from '../../modules/shared/rows.ts';
import { farPlace } from './far-place.ts';
import type { LinkName } from './vanish.ts';

/** The other ends of pairs that go with namespaces which the steps remove. */
export async function otherEnds(steps: readonly Step[], host: Pick<Host, 'ip'>): Promise<readonly LinkName[]> {
  const spaces = steps.flatMap(({ action }) => (action.op === 'netns-delete' ? [action.name] : []));
  const found = spaces.map(async (netns) => {
    const { rows } = await host.ip(['link', 'show'], netns);
    const ends = rows.filter((row) => knownKind(kindOf(row))?.relation?.role === 'peer');
    return Promise.all(ends.map((row) => otherEnd(row, netns, host)));
  });
  return (await Promise.all(found)).flat(2);
}

async function otherEnd(row: Row, netns: string, host: Pick<Host, 'ip'>): Promise<readonly LinkName[]> {
  const far = await farPlace(row, netns, host);
  if (far === undefined) return [];
  const others = (await host.ip(['link', 'show'], far.netns)).rows;
  const other = others.find((each) => number(each, 'ifindex') === number(row, 'link_index'));
  return other === undefined ? [] : [{ netns: far.netns, name: text(other, 'ifname') ?? '' }];
}
