import type { Mend } from '../../../report/why/why-types.ts';
import { type Finding, mend } from '../causes/cause.ts';
import type { Evidence, Place, Stage, WayEvent } from '../seen/evidence.ts';
import { type Departure, isAt, linkOf, placeOf, placeText, vrfOf, wasTraced } from '../seen/facts.ts';
import { bareRule, nftRuleTask } from './nft-mend.ts';
import { outerAddress } from './outer.ts';
import { filterText, type OuterFilter, outerFilters, type Side } from './outer-filters.ts';
import { acceptingRule, type OuterPackets } from './outer-rule.ts';
import { downwards, type Port } from './segment.ts';
import { outerPlace } from './tunnel.ts';
import { askBeneath, type Tunnelled } from './tunnelled.ts';

/** The last of what was seen to leave by the one end. */
function lastSent({ events }: Evidence, { from: { place, link } }: Tunnelled, direction: string): WayEvent | undefined {
  return events.findLast(
    ({ kind, host, netns, dev, about, ...event }) =>
      kind === 'transmit' &&
      host === place.host &&
      netns === place.netns &&
      dev === link.name &&
      event.direction === direction &&
      !about,
  );
}

/** It, or the question before it, was seen to leave by the one end, and nowhere on the host of the other. */
export function wasLost(evidence: Evidence, tunnelled: Tunnelled, direction: string): boolean {
  const { events, observed } = evidence;
  const { from, to } = tunnelled;
  const own = events.filter((event) => event.direction === direction && !event.about);
  const left = lastSent(evidence, tunnelled, direction);
  // Too large for the tunnel: the kernel says so to the sender, and sends nothing on (RFC 792, RFC 4443).
  const tooLong = ({ about, host, type, code }: WayEvent) =>
    about && host === from.place.host && ((type === 3 && code === 4) || (type === 2 && code === 0));
  if (events.some(tooLong)) return false;
  if (left === undefined || left.host === to.place.host || !wasTraced({ observed }, to.place.host)) return false;
  return !own.some(({ host, asks }) => host === to.place.host && asks === left.asks);
}

/** It, or what it needs, was seen to come out of the other end: not just the question before what left. */
function cameThrough(evidence: Evidence, tunnelled: Tunnelled, direction: string): boolean {
  const { place, link } = tunnelled.to;
  const left = lastSent(evidence, tunnelled, direction);
  return evidence.events.some(
    (event) =>
      (left === undefined || event.asks === left.asks) &&
      isAt({ host: event.host, netns: event.netns ?? '' }, place) &&
      event.dev === link.name &&
      event.direction === direction &&
      !event.about &&
      (event.kind === 'receive' || event.kind === 'neighbour'),
  );
}

/** In words, what may drop packets. */
export function mayDrop(filters: readonly OuterFilter[]): string {
  return filters.length === 0 ? '' : `; what may drop them: ${filters.map(filterText).join(', ')}`;
}

/** A place where filters meet the outer packets. */
interface Site {
  readonly place: Place;
  readonly side: Side;
  readonly packets: OuterPackets;
  readonly filters: readonly OuterFilter[];
}

/** What filters do with the outer packets, where nothing else is known to stop them, or that nobody saw them come. */
export function filteredOuter(evidence: Evidence, departure: Departure, tunnelled: Tunnelled): readonly Finding[] {
  const { direction } = departure.stage;
  if (cameThrough(evidence, tunnelled, direction)) return [];
  const { from, to, what } = tunnelled;
  const isLost = wasLost(evidence, tunnelled, direction);
  const sites = sitesOf(evidence, departure, tunnelled);
  // Of those that only may take them one may be to blame where somebody is.
  const site = sites.find(({ filters }) => filters.some(isPlain)) ?? (isLost ? sites.find(hasSome) : undefined);
  if (!isLost && site === undefined) return [];
  const filters = site?.filters.filter((filter) => isLost || isPlain(filter)) ?? [];
  const address = outerAddress(evidence, to, from);
  const { port = 0 } = to.link.tunnel ?? {};
  const carrier = `The ${from.link.kind} packets that carry ${what} from ${from.link.name} of ${placeText(from.place)} to ${address ?? 'its other end'}${port === 0 ? '' : `, UDP port ${port},`}`;
  const { host, netns } = site?.place ?? outerPlace(evidence, to) ?? to.place;
  const failing =
    site === undefined || site.side === 'received' || !site.filters.some(isPlain)
      ? `do not come to ${to.link.name} of ${placeText(to.place)}`
      : `do not ${site.side === 'sent' ? 'leave' : 'pass'} ${placeText(site.place)}`;
  return [
    {
      ...{ stage: departure.index, confidence: 'likely', host, netns, direction },
      sentence: `${carrier} ${failing}${mayDrop(filters)}.`,
      proof: isLost
        ? [`it left by ${from.link.name} of ${placeText(from.place)} and was seen nowhere on ${to.place.host}`]
        : [`nft list ruleset in ${placeText({ host, netns })}`],
      beware: askBeneath(evidence, tunnelled),
      ...mendOf(site, filters),
    },
  ];
}

function isPlain({ names, sure }: OuterFilter): boolean {
  return names || sure;
}

function hasSome({ filters }: Site): boolean {
  return filters.length > 0;
}

/** Takes the one rule away that is about such packets; before another one, or a policy, it accepts them. */
function mendOf(site: Site | undefined, filters: readonly OuterFilter[]): { readonly mend?: Mend } {
  const [filter, ...more] = filters;
  if (site === undefined || filter === undefined || more.length > 0) return {};
  const { host, netns } = site.place;
  const { rule, names, sure, chain } = filter;
  if (rule !== undefined && names) {
    return {
      mend: mend(host, nftRuleTask('Take the rule away', rule, bareRule(rule.text), { state: 'absent' }, netns)),
    };
  }
  const accepting = acceptingRule(site.packets);
  if (!sure || accepting === undefined) return {};
  const place = rule === undefined ? 'last' : 'first';
  return {
    mend: mend(
      host,
      nftRuleTask('Accept packets of the tunnel', { ...chain, chain: chain.name }, accepting, { place }, netns),
    ),
  };
}

/** Where filters meet the outer packets: by the way beneath, where it is known, and at the other end. */
function sitesOf(evidence: Evidence, { stage: { beneath = [] } }: Departure, tunnelled: Tunnelled): readonly Site[] {
  const { from, to } = tunnelled;
  const [sender, receiver] = [outerPlace(evidence, from), outerPlace(evidence, to)];
  const packets = outerPackets(evidence, tunnelled, beneath[0]?.from);
  const site = (place: Place | undefined, side: Side, stage: Stage | undefined): readonly Site[] => {
    if (place === undefined) return [];
    const [iif, oif] = [stage?.iif, side === 'received' ? undefined : stage?.lookup.dev];
    const dev = iif ?? oif;
    const bridged = dev === undefined ? undefined : isBridged(evidence, { ...place, dev });
    // What comes by a VRF goes by the names of both.
    const links = { iif: vrfOf(place, iif) ? undefined : iif, oif: vrfOf(place, oif) ? undefined : oif };
    const there = { ...packets, ...links, bridged };
    return [{ place, side, packets: there, filters: outerFilters(place, there, side) }];
  };
  const passing = beneath.filter((one) => one.iif !== undefined && !(receiver && isAt(one, receiver)));
  const last = beneath.find((one) => one.iif !== undefined && receiver && isAt(one, receiver));
  return [
    ...site(sender, 'sent', beneath[0]),
    ...passing.flatMap((one) => site(placeOf(evidence, one), 'passed', one)),
    ...site(receiver, 'received', last),
  ];
}

function isBridged(evidence: Evidence, port: Port): boolean {
  return downwards(evidence.places, port).some((one) => linkOf(placeOf(evidence, one), one.dev)?.kind === 'bridge');
}

function outerPackets(
  evidence: Evidence,
  { from, to }: Tunnelled,
  sender: string | undefined,
): Omit<OuterPackets, 'bridged'> {
  const { kind, tunnel } = from.link;
  const known = (address: string | undefined) => (address === undefined || address === '' ? [] : [address]);
  return {
    ...{ kind, port: to.link.tunnel?.port ?? 0 },
    from: known(sender || outerAddress(evidence, from, to)),
    to: [...new Set([...known(outerAddress(evidence, to, from)), ...known(tunnel?.remote)])],
  };
}
