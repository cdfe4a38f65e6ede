import type { NetnsView } from '../../../proto/gen/orch/v1/agent.ts';
import type { Observer } from '../../connect/calls/observer.ts';
import { readLookup, readView } from './read/read-view.ts';
import type { Evidence, Place, PlaceName, Stage } from './seen/evidence.ts';
import { departures, holdersOf, isAt, linkOf, placeOf } from './seen/facts.ts';
import { type Destination, findDestination } from './way/destination.ts';
import type { AskLookup } from './way/lookup-query.ts';
import { namespacesOf } from './way/namespaces.ts';
import { walk } from './way/walk.ts';
import { beside } from './way/way-on.ts';

/** A host's agent that looks on. */
export type Watcher = Pick<Observer, 'host' | 'look' | 'lookUp' | 'watch' | 'sendProbe' | 'collect' | 'clockOffset'>;

/** What is asked on the command line. */
export interface Asked {
  readonly from: PlaceName;
  readonly to: Destination;
  readonly v6: boolean;
  readonly protocol: 'icmp' | 'tcp' | 'udp';
  readonly port: number;
  readonly size: number;
  /** Address to send from; undefined: the kernel's choice. */
  readonly source: string | undefined;
  readonly timeoutMs: number;
}

/** Enough to find addresses. */
const survey = ['link', 'nsid'];
export interface Surveyed {
  readonly watcher: Watcher;
  readonly views: readonly NetnsView[];
}

/** A probe that was not sent yet, and where it would go by the state of the hosts. */
export interface Expected {
  readonly surveyed: readonly Surveyed[];
  readonly places: readonly Place[];
  readonly to: string;
  /** Address that it leaves from; empty: the kernel knows none. */
  readonly source: string;
  readonly stages: readonly Stage[];
  /** The namespaces of the way, and those with addresses that the way asks for. */
  readonly way: readonly PlaceName[];
}

/** Asks all hosts for the way of a probe. Throws OrchError where FROM or TO is not there, or a host fails. */
export async function expectWay(asked: Asked, watchers: readonly Watcher[]): Promise<Expected> {
  const surveyed = await Promise.all(
    watchers.map(async (watcher): Promise<Surveyed> => {
      return { watcher, views: await watcher.look({ namespaces: [], readings: survey }) };
    }),
  );
  const found = surveyed.flatMap(({ watcher, views }) => views.map((view) => readView(watcher.host, view)));
  const to = findDestination(asked, found);
  const question = questionOf(asked, to);
  const ask = asker(watchers, asked, 0);
  const expect = async (places: readonly Place[]): Promise<Pick<Expected, 'places' | 'source' | 'stages'>> => {
    const source = asked.source ?? (await ask({ ...asked.from, to })).source ?? '';
    const stages = await walk(question, source, { places: [...places], events: [], nft: [] }, ask);
    const more = (await withWireguards(places, stages, watchers)) ?? (await withNeighbours(places, stages, watchers));
    return more === undefined ? { places, source, stages } : expect(more);
  };
  // Nothing keeps the agents busy yet, but for some short answers: their clocks are told best now.
  const [{ places, source, stages }] = await Promise.all([
    expect(found),
    ...watchers.map((watcher) => watcher.clockOffset()),
  ]);
  const way = namespacesOf(question, stages, places);
  return { surveyed, places: await withBeside(places, stages, way, watchers), to, source, stages, way };
}

/** The places with the routes and settings of those beside a way that ends in nothing. They are not watched. */
async function withBeside(
  places: readonly Place[],
  stages: readonly Stage[],
  way: readonly PlaceName[],
  watchers: readonly Watcher[],
): Promise<readonly Place[]> {
  const names = beside(places, stages).filter((name) => !way.some((other) => isAt(other, name)));
  const looked = watchers.map(async (watcher) => {
    const namespaces = names.filter(({ host }) => host === watcher.host).map(({ netns }) => netns);
    if (namespaces.length === 0) return [];
    const views = await watcher.look({ namespaces, readings: [...survey, 'route', 'sysctl', 'sysctl_shared'] });
    return views.map((view) => readView(watcher.host, view));
  });
  return withFresh(places, (await Promise.all(looked)).flat());
}

/**
 * The places with the neighbours of one whose next hop nobody has: who had answered for it takes the packet. Undefined where they
 * are all known.
 */
async function withNeighbours(
  places: readonly Place[],
  stages: readonly Stage[],
  watchers: readonly Watcher[],
): Promise<readonly Place[] | undefined> {
  const seen = { places: [...places], stages: [...stages] };
  const asking = departures(seen).flatMap(({ stage, nextHop }) =>
    holdersOf(seen, nextHop).length > 0 ? [] : (placeOf(seen, stage) ?? []),
  );
  const unread = asking.find(({ neighbours }) => neighbours.length === 0);
  const watcher = watchers.find(({ host }) => host === unread?.host);
  if (unread === undefined || watcher === undefined) return undefined;
  const [view] = await watcher.look({ namespaces: [unread.netns], readings: ['neighbour'] });
  const { neighbours } = view === undefined ? unread : readView(unread.host, view);
  return neighbours.length === 0
    ? undefined
    : places.map((place) => (place === unread ? { ...place, neighbours } : place));
}

/**
 * The places with the settings of their WireGuard devices, where the way leaves by one: who gets a packet is said by keys, which no
 * address tells. Undefined where it does not, or they are known.
 */
async function withWireguards(
  places: readonly Place[],
  stages: readonly Stage[],
  watchers: readonly Watcher[],
): Promise<readonly Place[] | undefined> {
  const seen = { places: [...places], stages: [...stages] };
  const isUnread = (place: Place | undefined, dev: string) => {
    const link = linkOf(place, dev);
    return link?.kind === 'wireguard' && link.wireguard === undefined;
  };
  const leaving = departures(seen).find(({ stage, dev }) => isUnread(placeOf(seen, stage), dev));
  if (leaving === undefined) return undefined;
  const looked = watchers.map(async (watcher) => {
    const having = places.filter(
      ({ host, links }) => host === watcher.host && links.some(({ kind }) => kind === 'wireguard'),
    );
    if (having.length === 0) return [];
    const views = await watcher.look({ namespaces: having.map(({ netns }) => netns), readings: ['link', 'wireguard'] });
    return views.map((view) => readView(watcher.host, view));
  });
  const fresh = (await Promise.all(looked)).flat();
  // Without wg there, nothing more is known.
  if (isUnread(placeOf({ places: fresh }, leaving.stage), leaving.dev)) return undefined;
  return places.map((place) => {
    const read = placeOf({ places: fresh }, place);
    return { ...place, links: place.links.map((link) => ({ ...link, wireguard: linkOf(read, link.name)?.wireguard })) };
  });
}

export function questionOf({ from, protocol, port, size, timeoutMs }: Asked, to: string): Evidence['question'] {
  return { ...from, to, protocol, port, size, timeoutMs };
}

export function withFresh(places: readonly Place[], fresh: readonly Place[]): readonly Place[] {
  return places.map((place) => placeOf({ places: [...fresh] }, place) ?? place);
}

/** Numbers of IP protocols, by what is asked and for IPv6. */
const numbers = { icmp: ['1', '58'], tcp: ['6', '6'], udp: ['17', '17'] } as const;

/** Asks the kernels of hosts, by rules of protocols and ports too. `ident`: the port that the probe left from; 0: not known. */
export function asker(watchers: readonly Watcher[], { protocol, port }: Asked, ident: number): AskLookup {
  return async ({ host, netns, to, from, iif, oif, mark, direction, port: given = port }) => {
    const ports = { request: { sport: ident, dport: given }, reply: { sport: given, dport: ident } };
    const watcher = watchers.find((other) => other.host === host);
    if (watcher === undefined) return { type: '', refusal: `${host} does not look on` };
    return readLookup(
      await watcher.lookUp({
        ...{ netns, to, from: from ?? '', iif: iif ?? '', oif: oif ?? '', mark: mark ?? 0, fibmatch: false },
        ipproto: direction === undefined ? '' : numbers[protocol][to.includes(':') ? 1 : 0],
        ...(direction === undefined || protocol === 'icmp' ? { sport: 0, dport: 0 } : ports[direction]),
      }),
    );
  };
}
