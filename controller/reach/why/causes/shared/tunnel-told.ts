import type { Evidence } from '../../seen/evidence.ts';
import { placeText } from '../../seen/facts.ts';
import { type Node, nodesOf } from '../../seen/node.ts';
import type { LostFrame } from '../../way/lost-frame.ts';
import type { Obstacle } from '../../way/obstacle.ts';
import type { Mismatch } from '../../way/tunnel.ts';
import { mend, task } from '../cause.ts';
import { frameText, type Told } from './obstacle-finding.ts';

type TunnelObstacle = Extract<Obstacle, { readonly what: 'tunnel' }>;

/** A number that both ends of a tunnel must have alike. */
export interface Shared {
  readonly what: Mismatch['what'];
  /** As the field calls it: VNI. */
  readonly name: string;
  readonly read: (link: Node['link']) => number | undefined;
  /** The parameter that sets it. */
  readonly parameter: string;
}

/** What a cause says of two ends with different numbers. */
export function tellShared(
  { places }: Evidence,
  { what, name, read, parameter }: Shared,
): (obstacle: TunnelObstacle, lost: LostFrame) => Told | undefined {
  return ({ place, link, mismatch, mate }, lost) => {
    if (mismatch.what !== what) return undefined;
    const own = { place, link };
    const text = (node: Node) => `${node.link.name} of ${placeText(node.place)}`;
    const [mine, theirs] = [read(link), read(mate.link)];
    // The end to mend is the one that differs from the most; of two, the one that sends.
    const as = (value: number | undefined) =>
      nodesOf(places).filter((node) => node.link.kind === link.kind && read(node.link) === value).length;
    const [odd, right] = as(mine) > as(theirs) ? [mate, mine] : [own, theirs];
    return {
      sentence: `The two ends of the ${link.kind} tunnel differ: ${text(own)} has ${name} ${mine}, ${text(mate)} has ${name} ${theirs}, and ${frameText(lost)} is lost between them.`,
      of: [own, mate],
      setting: `ip -d link show in ${placeText(place)} and ${placeText(mate.place)}: ${parameter} ${mine} on ${link.name}, ${theirs} on ${mate.link.name}`,
      ...(right === undefined
        ? {}
        : {
            mend: mend(
              odd.place.host,
              // The kernel changes neither in place: the device is made anew, with all that it had.
              task(
                `Give ${odd.link.name} the ${name} of the other end`,
                link.kind,
                { ...settings(odd), [parameter]: right, state: 'up' },
                odd.place.netns,
              ),
              ...odd.place.addresses
                .filter(({ dev, address }) => dev === odd.link.name && !/^fe[89ab]/i.test(address))
                .map(({ address, prefix }) =>
                  task(
                    `Give it ${address} again`,
                    'address',
                    { dev: odd.link.name, address: `${address}/${prefix}` },
                    odd.place.netns,
                  ),
                ),
            ),
          }),
    };
  };
}

function settings({ link: { name, id = 0, tunnel } }: Node): Readonly<Record<string, string | number>> {
  const { local = '', remote = '', port = 0 } = tunnel ?? {};
  return {
    ...{ name, id },
    ...(local === '' ? {} : { local }),
    ...(remote === '' ? {} : { remote }),
    ...(port === 0 ? {} : { port }),
  };
}
