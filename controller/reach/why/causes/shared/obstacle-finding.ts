import type { Evidence } from '../../seen/evidence.ts';
import { placeText } from '../../seen/facts.ts';
import { keyOf, type Node } from '../../seen/node.ts';
import { type LostFrame, lostFrames } from '../../way/lost-frame.ts';
import type { Obstacle, ObstacleKind } from '../../way/obstacle.ts';
import { type Finding, foundAt } from '../cause.ts';

type ObstacleOf<Kind extends ObstacleKind> = Extract<Obstacle, { readonly what: Kind }>;

/** What a cause says of one obstacle; the rest follows from the frame. */
export type Told = Pick<Finding, 'sentence' | 'beware' | 'mend'> & {
  /** The setting, as a tool shows it. */
  readonly setting: string;
  /** The devices whose fault it is, whichever way the frame goes; absent: that of the obstacle. */
  readonly of?: readonly Node[];
};

/** A verdict for each fault of a kind that a frame of the probe or its reply meets, if the cause has something to say of it. */
export function findObstacles<Kind extends ObstacleKind>(
  evidence: Evidence,
  kind: Kind,
  tell: (obstacle: ObstacleOf<Kind>, lost: LostFrame) => Told | undefined,
): readonly Finding[] {
  const told = new Set<string>();
  const isNew = (devices: readonly Node[]): boolean => {
    const key = devices.map(keyOf).sort().join(' ');
    const known = told.has(key);
    told.add(key);
    return !known;
  };
  const isKind = (obstacle: Obstacle): obstacle is ObstacleOf<Kind> => obstacle.what === kind;
  return lostFrames(evidence).flatMap((lost) =>
    lost.obstacles.filter(isKind).flatMap((obstacle): readonly Finding[] => {
      const found = tell(obstacle, lost);
      if (found === undefined || !isNew(found.of ?? [obstacle])) return [];
      const { setting, of: _, ...rest } = found;
      const { index, stage } = lost.departure;
      return [
        {
          // The first obstacle is what the frame died of; whether there is another one, nobody has seen.
          ...foundAt(
            { index, stage, place: obstacle.place, dev: obstacle.link.name },
            lost.seen && obstacle === lost.obstacles[0] ? 'certain' : 'likely',
          ),
          ...rest,
          proof: [setting, ...proofOf(lost)],
        },
      ];
    }),
  );
}

/** `vm02/ns01's question who has 10.0.0.2`. */
export function frameText({ departure: { stage, nextHop }, frame, to }: LostFrame): string {
  if (frame === 'packet') return `the ${stage.direction} to ${stage.to}`;
  return frame === 'question'
    ? `the question of ${placeText(stage)} who has ${nextHop}`
    : `the answer to ${placeText(to.place)} who has ${nextHop}`;
}

function proofOf({ departure: { stage, dev, nextHop }, frame, from, to, seen }: LostFrame): readonly string[] {
  const ends = `it left by ${from.link.name} of ${placeText(from.place)} and did not come in by ${to.link.name} of ${placeText(to.place)}`;
  return [
    ...(frame === 'packet' ? [] : [`ip neighbour show ${nextHop} dev ${dev} in ${placeText(stage)}: no MAC`]),
    ...(seen ? [ends] : []),
  ];
}
