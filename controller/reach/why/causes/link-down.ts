import { departures, packetText, placeOf, placeText, sameNetwork } from '../seen/facts.ts';
import { goesAstray, wouldLeaveBy } from '../way/astray.ts';
import { type Fault, faultBeyond, faultOf } from '../way/link-fault.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

/** ip-link(8) down: fib_sync_down_dev in IPv4, addrconf_ifdown in IPv6 (unless net.ipv6.conf.*.keep_addr_on_down is set). */
const lost =
  'Its routes, and its IPv6 addresses, went when it was taken down: put them on again, or run the playbook again.';

export const cause = defineCause({
  name: 'link-down',
  summary: 'A device on the way is down or has no carrier, or the one below it is.',
  find: (evidence) => {
    const found = (index: number, fault: Fault | undefined, seen: boolean, beware?: string): readonly Finding[] => {
      const stage = evidence.stages[index];
      if (fault === undefined || stage === undefined) return [];
      const { place, dev, what } = fault;
      const said = what === 'down' ? 'is down' : 'is up, but has no carrier: its other end is down or not connected';
      return [
        {
          ...foundAt({ index, stage, place, dev }, seen ? 'certain' : 'likely'),
          sentence: `${dev} of ${placeText(place)} ${said}, and the ${packetText(evidence, stage)} would go by it.`,
          proof: [`ip link show ${dev} in ${placeText(place)}: ${what === 'down' ? 'no UP' : 'NO-CARRIER'}`],
          ...(beware === undefined ? {} : { beware }),
          ...(what === 'down'
            ? { mend: mend(place.host, task(`Set ${dev} up`, 'link', { name: dev, state: 'up' }, place.netns)) }
            : {}),
        },
      ];
    };
    const astray = evidence.stages.flatMap((stage, index) => {
      const place = placeOf(evidence, stage);
      if (place === undefined || !goesAstray(evidence, index)) return [];
      const dev = wouldLeaveBy(evidence, place, stage.to);
      const isNear = place.addresses.some(
        (held) => held.dev === dev && sameNetwork(held.address, stage.to, held.prefix),
      );
      const sure = stage.seen && isNear && stage.lookup.refusal !== undefined;
      return found(index, faultOf(evidence, place, dev), sure, isNear ? undefined : lost);
    });
    const passed = departures(evidence).flatMap(({ index, stage, dev, nextHop }) => {
      const here = faultOf(evidence, placeOf(evidence, stage), dev);
      if (here !== undefined) return found(index, here, stage.seen);
      const next = evidence.stages[index + 1];
      if (next?.direction === stage.direction && next.seen) return [];
      return found(index, faultBeyond(evidence, { ...stage, dev }, nextHop, stage.to), false);
    });
    const own = evidence.stages.flatMap((stage, index) => {
      const local = stage.lookup.type === 'local' && stage.iif === undefined;
      return local ? found(index, faultOf(evidence, placeOf(evidence, stage), 'lo'), true) : [];
    });
    return [...astray, ...passed, ...own];
  },
});
