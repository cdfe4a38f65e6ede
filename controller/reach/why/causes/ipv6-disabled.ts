import type { Evidence, Place, Stage } from '../seen/evidence.ts';
import { deviceKey, dropsOf, isV6, placeOf, placeText, sysctlOf } from '../seen/facts.ts';
import { deviceTo, goesAstray } from '../way/astray.ts';
import { defineCause, type Finding, mend, task } from './cause.ts';

/** Devices that the packet cannot get in by, or may not get out by where the kernel has no way. */
function suspects({ iif, lookup }: Stage, { links }: Place): readonly string[] {
  const others = links.map(({ name }) => name).filter((name) => name !== 'lo');
  return [...(iif === undefined ? [] : [iif]), ...(lookup.refusal === undefined ? [] : ['all', ...others])];
}

/** The device that would lead to the end, where it has lost its addresses, and the packet goes another way. */
function lostDevice(evidence: Evidence, index: number, place: Place, to: string): readonly string[] {
  const dev = goesAstray(evidence, index) ? deviceTo(evidence, place, to) : undefined;
  const isBare = !place.addresses.some((held) => held.dev === dev && isV6(held.address));
  return dev !== undefined && isBare ? [dev] : [];
}

export const cause = defineCause({
  name: 'ipv6-disabled',
  summary: 'A namespace on the way has IPv6 switched off, altogether or on a device.',
  find: (evidence) =>
    evidence.stages.flatMap((stage, index): readonly Finding[] => {
      const { host, netns, iif, direction, to, lookup } = stage;
      const place = placeOf(evidence, stage);
      if (place === undefined || !isV6(to)) return [];
      const key = [...suspects(stage, place), ...lostDevice(evidence, index, place, to)]
        .map((name) => deviceKey(name, 'disable_ipv6', 'ipv6'))
        .find((name) => sysctlOf(place, name) === 1);
      if (key === undefined) return [];
      const drop = dropsOf(evidence).find(
        (event) => event.host === host && event.netns === netns && event.dev === iif && event.reason === 'IPV6DISABLED',
      );
      return [
        {
          stage: index,
          confidence: drop === undefined ? 'likely' : 'certain',
          host,
          netns,
          direction,
          sentence: `${placeText(stage)} has IPv6 switched off: ${key} is 1.`,
          proof: [
            ...(drop === undefined
              ? []
              : [`the kernel of ${host} dropped it on ${drop.dev}: ${drop.reason} in ${drop.location}`]),
            ...(lookup.refusal === undefined ? [] : [`ip route get ${to} in ${placeText(stage)}: ${lookup.refusal}`]),
            `${key} = 1`,
          ],
          beware: 'Its IPv6 addresses went when it was switched off: put them on again, or run the playbook again.',
          mend: mend(host, task('Switch IPv6 on', 'sysctl', { name: key, value: 0 }, netns)),
        },
      ];
    }),
});
