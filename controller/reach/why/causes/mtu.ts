import type { Direction, Evidence, WayEvent } from '../seen/evidence.ts';
import type { Link } from '../seen/evidence-link.ts';
import {
  type Departure,
  departures,
  dropsOf,
  holdersOf,
  isAt,
  isV6,
  linkOf,
  packetLength,
  placeOf,
  placeText,
  wasPassed,
} from '../seen/facts.ts';
import type { Node } from '../seen/node.ts';
import { Frames } from '../way/frame.ts';
import { arrivals, switchedBy } from '../way/segment.ts';
import { tunnelsOf } from '../way/tunnelled.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

const tooLong = /too long|too big|frag(mentation)? needed|PKT_TOO_BIG/i;

/** The address of who said that the packet is too large; undefined: the sender's own kernel did. */
function tellerOf({ probe }: Evidence): string | undefined {
  return /\bfrom ([0-9a-f.:]*[0-9a-f])/i.exec(probe.text)?.[1];
}

/** The most that a packet of this stage has by this device without being cut. */
function limitOf(evidence: Evidence, { stage, dev }: Pick<Departure, 'stage' | 'dev'>): number {
  const link = linkOf(placeOf(evidence, stage), dev);
  const isOwn = stage.lookup.learned === undefined || stage.iif === undefined;
  const ofRoute = isOwn ? stage.lookup.mtu : undefined;
  return Math.min(link?.mtu ?? Number.POSITIVE_INFINITY, ofRoute ?? Number.POSITIVE_INFINITY);
}

/** Bytes of the largest packet that leaves by a stage, of one that its sender may have cut: so may the next in IPv4 (RFC 791, 8200). */
function largestPiece(evidence: Evidence, direction: Direction, index: number, whole: number): number {
  const passed = departures(evidence).filter((one) => one.stage.direction === direction && one.index <= index);
  const [own = whole, ...others] = passed.map((one) => limitOf(evidence, one));
  if (whole <= own) return whole;
  return isV6(evidence.question.to) ? own : Math.min(own, ...others);
}

/** What a switch or cable drops is longer than the MTU and the tag of a VLAN (is_skb_forwardable). */
function mostOf({ mtu }: Link): number {
  return mtu + 4;
}

/** The device between two stages that is too narrow: a port that a bridge sends by, or a cable's end before it (is_skb_forwardable). */
function narrowOf(evidence: Evidence, frames: Frames, departure: Departure, length: number): Node | undefined {
  const { index, stage, dev, nextHop } = departure;
  const place = placeOf(evidence, stage);
  const link = linkOf(place, dev);
  if (place === undefined || link === undefined || evidence.stages[index + 1]?.seen === true) return undefined;
  return holdersOf(evidence, nextHop)
    .flatMap((holder) => {
      const held = linkOf(holder.place, holder.dev);
      const way = held && frames.way({ place, link }, { place: holder.place, link: held }, { mac: held.mac });
      return way?.obstacles.length === 0 ? way.crossed.slice(1, -1) : [];
    })
    .find((node) => {
      const isPort = switchedBy(node.place, node.link)?.kind === 'bridge';
      return isPort && mostOf(node.link) < length && (node.goes === 'out' || node.link.kind === 'veth');
    });
}

/** True when a packet of this length was seen beyond a stage; of one that was cut, the last piece is shorter. */
function hasPassed(evidence: Evidence, index: number, whole: number, length: number): boolean {
  const [own, ...beyond] = evidence.stages.slice(index);
  if (whole <= length) return wasPassed(evidence, index);
  const isBeyond = (event: WayEvent) =>
    beyond.some((stage) => stage.direction === event.direction && isAt(stage, { ...event, netns: event.netns ?? '' }));
  const lengths = evidence.events
    .filter((event) => event.kind !== 'drop' && event.direction === own?.direction && isBeyond(event))
    .flatMap((event) => event.length ?? []);
  if (lengths.length === 0) return wasPassed(evidence, index);
  // All but the last carry a multiple of eight bytes.
  const header = isV6(evidence.question.to) ? 48 : 20;
  return lengths.some((one) => one >= header + ((length - header) & ~7));
}

export const cause = defineCause({
  name: 'mtu',
  summary: 'A device on the way takes no packets of this size, and they may not be cut into fragments.',
  find: (evidence) => {
    const whole = packetLength(evidence);
    const told = tooLong.test(evidence.probe.text);
    const frames = new Frames(evidence.places);
    const found = departures(evidence).flatMap((departure): readonly Finding[] => {
      const { index, stage, dev, nextHop } = departure;
      const here = linkOf(placeOf(evidence, stage), dev);
      const limit = limitOf(evidence, { stage, dev });
      const length = told ? whole : largestPiece(evidence, stage.direction, index, whole);
      const [port] = arrivals(evidence, { ...stage, dev }, nextHop, stage.to);
      const there = port && linkOf(placeOf(evidence, port), port.dev);
      const { direction } = stage;
      const dropped = dropsOf(evidence).find(
        (drop) =>
          drop.host === stage.host &&
          drop.netns === stage.netns &&
          drop.direction === direction &&
          tooLong.test(drop.reason),
      );
      const proofs = [
        `ip link show ${dev} in ${placeText(stage)}: mtu ${here?.mtu}`,
        ...(dropped === undefined
          ? []
          : [
              `the kernel of ${dropped.host} dropped it: ${dropped.reason}${dropped.location && ` in ${dropped.location}`}`,
            ]),
        ...(evidence.probe.text === '' ? [] : [`the probe: ${evidence.probe.text}`]),
      ];
      if (told) {
        if (length <= limit || direction === 'reply') return [];
        const teller = tellerOf(evidence);
        const isBehind = (one: Departure) => one.index > index && one.stage.direction === direction;
        // The sender may have learned it of a stage behind.
        const isOwn =
          teller === undefined
            ? length > (here?.mtu ?? 0) ||
              !departures(evidence).some((one) => isBehind(one) && length > limitOf(evidence, one))
            : holdersOf(evidence, teller).some(({ place }) => isAt(place, stage));
        // A tunnel says it in the name of the packet's own goal (skb_tunnel_check_pmtu).
        const [tunnel] = isOwn || teller !== stage.to ? [] : tunnelsOf(evidence, frames, departure);
        if (!isOwn && tunnel === undefined) return [];
        const { place, link } = tunnel?.from ?? { place: stage, link: { name: dev } };
        const takes = tunnel === undefined ? 'sends' : 'takes into the tunnel';
        return [
          {
            ...foundAt({ index, stage, place, dev: link.name }, 'certain'),
            sentence: `The ${stage.direction} has ${length} bytes, and ${placeText(place)} ${takes} at most ${limit} by ${link.name} without cutting it.`,
            proof: proofs,
            beware: `The largest that passes here is --size ${limit - (length - evidence.question.size)}.`,
          },
        ];
      }
      // Made here, it is cut into fragments; forwarded, it is sent back with a word about it (RFC 1191).
      if (length > limit && stage.iif !== undefined) {
        return [
          {
            ...foundAt({ index, stage, dev }, dropped === undefined ? 'likely' : 'certain'),
            sentence: `The ${stage.direction} has ${length} bytes, and ${placeText(stage)} passes on at most ${limit} by ${dev} without cutting it; its word about that (${isV6(stage.to) ? 'packet too big' : 'fragmentation needed'}) does not come to ${stage.from}.`,
            proof: proofs,
            beware: `A filter that drops this ICMP makes every larger packet vanish. The largest that passes here is --size ${limit - (length - evidence.question.size)}.`,
          },
        ];
      }
      const narrow = narrowOf(evidence, frames, { index, stage, dev, nextHop }, length);
      if (narrow !== undefined && length <= limit) {
        const { place, link } = narrow;
        return [
          {
            ...foundAt({ index, stage, place, dev: link.name }, 'likely'),
            sentence: `The ${direction} has ${length} bytes, and ${link.name} of ${placeText(place)}, which it comes through from ${dev} of ${placeText(stage)}, takes at most ${link.mtu}: a switch drops what is longer, and nobody is told.`,
            proof: [`ip link show ${link.name} in ${placeText(place)}: mtu ${link.mtu}`],
            mend: mend(
              place.host,
              task('Let it take what comes', 'link', { name: link.name, mtu: here?.mtu ?? length }, place.netns),
            ),
          },
        ];
      }
      if (there === undefined || port === undefined || length > limit) return [];
      // Network cards may drop what is longer; a veth does; tunnels take it.
      const isNarrow =
        ['', 'veth'].includes(there.kind) && length > (there.kind === 'veth' ? mostOf(there) : there.mtu);
      if (!isNarrow || hasPassed(evidence, index, whole, length)) return [];
      return [
        {
          ...foundAt({ index, stage, place: port, dev: port.dev }, 'likely'),
          sentence: `${placeText(stage)} sends ${length} bytes by ${dev} (mtu ${here?.mtu}), and ${port.dev} of ${placeText(port)} takes at most ${there.mtu}: the two ends of one link differ, and nobody is told.`,
          proof: [`ip link show ${port.dev} in ${placeText(port)}: mtu ${there.mtu}`],
        },
      ];
    });
    // It meets the request and the reply: one device is one fault.
    return found.filter(
      ({ host, netns, device }, index) =>
        found.findIndex((one) => one.host === host && one.netns === netns && one.device === device) === index,
    );
  },
});
