import { deviceKey, holdersOf, isStranded, isV6, packetText, placeOf, placeText, sysctlOf } from '../seen/facts.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

/** EHOSTUNREACH of an input route that is not local, where the device may not forward (ip_route_input_slow). */
const refused = 'No route to host';

export const cause = defineCause({
  name: 'forwarding-off',
  summary: 'A namespace that the packet has to pass through does not forward, altogether or from this device.',
  find: (evidence) =>
    evidence.stages.flatMap((stage, index): readonly Finding[] => {
      const { host, netns, iif, to, lookup } = stage;
      const place = placeOf(evidence, stage);
      // It was not meant to be passed on: address-gone.
      if (iif === undefined || place === undefined || isStranded(evidence, index)) return [];
      if (holdersOf(evidence, to).some((holder) => holder.place === place)) return [];
      const v6 = isV6(to);
      const all = sysctlOf(place, v6 ? 'net.ipv6.conf.all.forwarding' : 'net.ipv4.ip_forward');
      const key =
        v6 || all === 0 ? (v6 ? 'net.ipv6.conf.all.forwarding' : 'net.ipv4.ip_forward') : deviceKey(iif, 'forwarding');
      const value = sysctlOf(place, v6 ? key : deviceKey(iif, 'forwarding'));
      // The kernel answers a lookup for IPv6 as if it forwarded.
      const refuses = v6 ? lookup.refusal === undefined && lookup.type === 'unicast' : lookup.refusal === refused;
      // Since 6.17 a device may forward where its namespace does not.
      const forced = v6 && sysctlOf(place, deviceKey(iif, 'force_forwarding', 'ipv6')) === 1;
      if (value !== 0 || !refuses || forced) return [];
      return [
        {
          ...foundAt({ index, stage, dev: iif }, stage.seen && !v6 ? 'certain' : 'likely'),
          sentence: `${placeText(stage)} does not forward the ${packetText(evidence, stage)} to ${to} that comes in by ${iif}: ${key} is 0.`,
          proof: [
            ...(v6 ? [] : [`ip route get ${to} from ${stage.from} iif ${iif}: ${lookup.refusal}`]),
            `${key} = 0, and ${placeText(stage)} does not have ${to}`,
          ],
          mend: mend(host, task('Forward packets', 'sysctl', { name: key, value: 1 }, netns)),
        },
      ];
    }),
});
