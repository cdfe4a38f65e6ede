import type { Evidence, Place, Stage } from '../seen/evidence.ts';
import { deviceKey, dropsOf, isLinkLocal, isV6, placeOf, placeText, sysctlOf } from '../seen/facts.ts';
import { deviceTo, goesAstray } from '../way/astray.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

/** Devices that the packet cannot get in by, or may not get out by where a namespace has no address at all. */
function suspects({ iif, lookup }: Stage, { links, addresses }: Place): readonly string[] {
  const isBare = addresses.every(({ dev, address }) => dev === 'lo' || !isV6(address) || isLinkLocal(address));
  const isWayless = isBare && lookup.refusal === 'Network is unreachable';
  // Ports of bridges have none by right.
  const others = isWayless ? links.filter(({ name, bridgePort }) => name !== 'lo' && bridgePort === undefined) : [];
  return [...(iif === undefined ? [] : [iif]), ...others.map(({ name }) => name)];
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
      const { host, netns, iif, to, lookup } = stage;
      const place = placeOf(evidence, stage);
      if (place === undefined || !isV6(to)) return [];
      const isOff = (name: string) => sysctlOf(place, deviceKey(name, 'disable_ipv6', 'ipv6')) === 1;
      const dev = [...suspects(stage, place), ...lostDevice(evidence, index, place, to)].find(isOff);
      if (dev === undefined) return [];
      // What is written to `all` goes to each device; the kernel reads those alone (addrconf_disable_ipv6).
      const isAll = lookup.refusal !== undefined && dev !== iif && ['all', 'lo'].every(isOff);
      const key = deviceKey(isAll ? 'all' : dev, 'disable_ipv6', 'ipv6');
      const drop = dropsOf(evidence).find(
        (event) => event.host === host && event.netns === netns && event.dev === iif && event.reason === 'IPV6DISABLED',
      );
      return [
        {
          ...foundAt({ index, stage }, drop === undefined ? 'likely' : 'certain'),
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
