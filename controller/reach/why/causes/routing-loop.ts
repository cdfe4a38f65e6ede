import type { Evidence, Stage } from '../seen/evidence.ts';
import {
  arrives,
  holdersOf,
  leadsTo,
  linkOf,
  longestMatch,
  macOf,
  placeOf,
  placeText,
  sameNetwork,
} from '../seen/facts.ts';
import { deviceTo, isDownFor } from '../way/astray.ts';
import { defineCause, type Finding, mend, task } from './cause.ts';

/** ICMP type 11 of RFC 792, type 3 of RFC 4443. */
const exceeded = /time to live exceeded|time exceeded|hop limit/i;

/** The router of a circle that has the packet's network itself, and what takes away the narrower route that leads back. */
function strayed(evidence: Evidence, round: readonly Stage[]) {
  for (const stage of round) {
    const { host, netns, iif, to, lookup } = stage;
    const place = placeOf(evidence, stage);
    const dev = place && deviceTo(evidence, place, to);
    const ways = place?.routes.filter(({ table, type }) => table === 'main' && type === 'unicast') ?? [];
    const isLeft = ways.some((way) => way.dev === dev && way.gateway === undefined && leadsTo(way, to));
    const { dst, gateway: via } = longestMatch(ways, to) ?? {};
    if (dev === undefined || !isLeft || dst === undefined || via === undefined) continue;
    if (via !== lookup.gateway || (lookup.table ?? 'main') !== 'main') continue;
    return {
      at: { host, netns, device: iif },
      why: ` ${placeText(stage)} has that network on ${dev}, but its route ${dst} via ${via} leads away from it.`,
      mend: mend(host, task('Take that route away', 'route', { dst, via, state: 'absent' }, netns)),
    };
  }
  return undefined;
}

/**
 * The router of a circle that hears who has the packet's address, and has no route by that device: it has lost the address that
 * the other one sends its own packets to.
 */
function lostAddress(evidence: Evidence, round: readonly Stage[]) {
  const [holder] = holdersOf(evidence, round[0]?.to ?? '');
  for (const stage of round) {
    const { host, netns, iif, to } = stage;
    const place = placeOf(evidence, stage);
    const dev = place && deviceTo(evidence, place, to);
    if (holder === undefined || dev === undefined || linkOf(place, dev)?.up !== true) continue;
    if (place?.routes.some((way) => way.dev === dev && leadsTo(way, to))) continue;
    const gateways = holder.place.routes.flatMap(({ dev, gateway }) => (dev === holder.dev && gateway) || []);
    const gone = gateways.find(
      (gateway) =>
        sameNetwork(gateway, to, holder.prefix) &&
        holdersOf(evidence, gateway).every((one) => one.place === place && !sameNetwork(gateway, to, one.prefix)) &&
        // Another may answer for it, whom nobody looked at (VRRP).
        [undefined, linkOf(place, dev)?.mac].includes(macOf(holder.place, holder.dev, gateway)),
    );
    if (gone === undefined) continue;
    const address = `${gone}/${holder.prefix}`;
    return {
      at: { host, netns, device: iif },
      why: ` ${placeText(stage)} hears ${to} on ${dev}, but has no route by that; ${placeText(holder.place)} takes it for ${address}.`,
      mend: mend(host, task('Give it the address', 'address', { dev, address }, netns)),
    };
  }
  return undefined;
}

export const cause = defineCause({
  name: 'routing-loop',
  summary: 'Routers send the packet round until its TTL is used up.',
  find: (evidence) => {
    const seen = new Map<string, number>();
    for (const [index, stage] of evidence.stages.entries()) {
      // A router may see a packet twice: it hands it to a firewall beside it, and takes it back.
      if (arrives(evidence, stage.direction)) continue;
      const key = `${stage.direction} ${placeText(stage)}`;
      const first = seen.get(key);
      if (first === undefined) {
        seen.set(key, index);
        continue;
      }
      // It came back, and goes no further; unless to its sender, which may take no packet from itself.
      const held = placeOf(evidence, stage)?.addresses.some(({ address }) => address === stage.to);
      const home = evidence.stages[first]?.iif === undefined && !held;
      const { refusal, type } = stage.lookup;
      if (refusal === undefined ? type !== 'unicast' : !home) continue;
      const round = evidence.stages.slice(first, index);
      // link-down
      if (round.some((_, at) => isDownFor(evidence, first + at))) return [];
      const told =
        exceeded.test(evidence.probe.text) ||
        evidence.events.some(({ about, type }) => about && (type === 11 || type === 3));
      const wrong = strayed(evidence, round) ?? lostAddress(evidence, round);
      const finding: Finding = {
        stage: first,
        confidence: told ? 'certain' : 'likely',
        ...(wrong?.at ?? { host: stage.host, netns: stage.netns, device: stage.iif }),
        direction: stage.direction,
        sentence: `The ${stage.direction} to ${stage.to} goes in a circle: ${[...round, stage].map(placeText).join(' -> ')}.${wrong?.why ?? ''}`,
        proof: [
          ...round.map(
            (at) =>
              `ip route get ${at.to} in ${placeText(at)}: by ${at.lookup.dev}${at.lookup.gateway ? ` via ${at.lookup.gateway}` : ''}`,
          ),
          ...(evidence.probe.text === '' ? [] : [`the probe: ${evidence.probe.text}`]),
        ],
        ...(wrong === undefined ? {} : { mend: wrong.mend }),
      };
      return [finding];
    }
    return [];
  },
});
