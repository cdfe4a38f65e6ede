import type { Evidence, Place } from '../evidence.ts';
import {
  arrives,
  departures,
  deviceKey,
  dropsOf,
  holdersOf,
  isV6,
  neighbourState,
  placeOf,
  placeText,
  sysctlOf,
} from '../facts.ts';
import { Segments } from '../segment.ts';
import { defineCause, type Finding, mend, task } from './cause.ts';

interface Off {
  readonly stage: number;
  readonly place: Place;
  /** The parameter that is 1. */
  readonly key: string;
  readonly proof: readonly string[];
}

function keyOf(place: Place, devices: readonly string[]): string | undefined {
  return devices.map((name) => deviceKey(name, 'disable_ipv6', 'ipv6')).find((key) => sysctlOf(place, key) === 1);
}

/** Where the packet is: what it cannot get in by, and where the kernel has no way, or none that leads there, what it might leave by. */
function onTheWay(evidence: Evidence): readonly Off[] {
  const segments = new Segments(evidence.places);
  return evidence.stages.flatMap((stage, index) => {
    const { iif, lookup, to, direction } = stage;
    const place = placeOf(evidence, stage);
    if (place === undefined) return [];
    const others = place.links.map(({ name }) => name).filter((name) => name !== 'lo');
    const near = holdersOf(evidence, to).flatMap((holder) =>
      segments.heardIn(place, { ...holder.place, dev: holder.dev }),
    );
    const out = lookup.refusal === undefined ? (arrives(evidence, direction) ? [] : near) : ['all', ...others];
    const key = keyOf(place, [...(iif === undefined ? [] : [iif]), ...out]);
    const refused =
      lookup.refusal === undefined ? [] : [`ip route get ${to} in ${placeText(stage)}: ${lookup.refusal}`];
    return key === undefined ? [] : [{ stage: index, place, key, proof: refused }];
  });
}

/** Who may have had the address that nobody answers for: the one namespace which hears the question. */
function nextDoor(evidence: Evidence): readonly Off[] {
  const segments = new Segments(evidence.places);
  return departures(evidence).flatMap(({ index, stage, dev, nextHop }) => {
    const isSilent = neighbourState(placeOf(evidence, stage), dev, nextHop) === 'silent';
    if (!isSilent || holdersOf(evidence, nextHop).length > 0) return [];
    const [off, ...more] = evidence.places.flatMap((place) => {
      const key = keyOf(place, segments.heardIn(place, { ...stage, dev }));
      return key === undefined ? [] : [{ place, key }];
    });
    const proof = [`ip neighbour show ${nextHop} dev ${dev} in ${placeText(stage)}: no MAC (INCOMPLETE or FAILED)`];
    return off === undefined || more.length > 0 ? [] : [{ stage: index, ...off, proof }];
  });
}

export const cause = defineCause({
  name: 'ipv6-disabled',
  summary: 'A namespace on the way has IPv6 switched off, altogether or on a device.',
  find: (evidence) => {
    if (!isV6(evidence.question.to)) return [];
    return [...onTheWay(evidence), ...nextDoor(evidence)].map(({ stage, place, key, proof }): Finding => {
      const { host, netns } = place;
      const { iif, direction = 'request' } = evidence.stages[stage] ?? {};
      const drop = dropsOf(evidence).find(
        (event) => event.host === host && event.netns === netns && event.dev === iif && event.reason === 'IPV6DISABLED',
      );
      return {
        stage,
        confidence: drop === undefined ? 'likely' : 'certain',
        host,
        netns,
        direction,
        sentence: `${placeText(place)} has IPv6 switched off: ${key} is 1.`,
        proof: [
          ...(drop === undefined
            ? []
            : [`the kernel of ${host} dropped it on ${drop.dev}: ${drop.reason} in ${drop.location}`]),
          ...proof,
          `${key} = 1`,
        ],
        beware: 'Its IPv6 addresses went when it was switched off: put them on again, or run the playbook again.',
        mend: mend(host, task('Switch IPv6 on', 'sysctl', { name: key, value: 0 }, netns)),
      };
    });
  },
});
