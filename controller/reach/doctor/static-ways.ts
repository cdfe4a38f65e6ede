import type { Place } from '../why/seen/evidence.ts';
import { covers, isV6, placeText } from '../why/seen/facts.ts';
import { lowerOf, type Port, Segments } from '../why/way/segment.ts';

type Route = Place['routes'][number];

/** An address that packets are sent from and to. */
export interface End {
  readonly place: Place;
  readonly dev: string;
  readonly address: string;
  readonly prefix: number;
}

/** Where a packet comes in by a device. */
export interface Arrival {
  readonly place: Place;
  readonly dev: string;
}

/** The way that routes give a packet. */
export interface StaticWay {
  /** After the sender, in order. */
  readonly arrivals: readonly Arrival[];
  readonly arrives: boolean;
}

/** Addresses that only their own link or host knows. */
const near = /^(127\.|169\.254\.|fe[89ab]|::1$)/i;
/** Longer ones go round. */
const mostHops = 16;

/** Where packets would go by the state of the hosts, with nothing sent and no kernel asked. */
export class StaticWays {
  readonly segments: Segments;
  readonly ends: readonly End[];
  private readonly places: readonly Place[];
  private readonly holders = new Map<string, { readonly place: Place; readonly dev: string }[]>();
  private readonly known = new Map<string, StaticWay>();

  constructor(places: readonly Place[]) {
    this.places = places;
    this.segments = new Segments(places);
    for (const place of places) {
      for (const { address, dev } of place.addresses) {
        const held = this.holders.get(address);
        if (held === undefined) this.holders.set(address, [{ place, dev }]);
        else held.push({ place, dev });
      }
    }
    this.ends = places.flatMap((place) =>
      place.addresses
        .filter(({ address, dev }) => !near.test(address) && place.links.some(({ name, up }) => name === dev && up))
        .map(({ dev, address, prefix }) => ({ place, dev, address, prefix })),
    );
  }

  /** Each two addresses of different places and of one family, either way. */
  *pairs(): Generator<readonly [from: End, to: End]> {
    for (const from of this.ends) {
      for (const to of this.ends) {
        if (from.place !== to.place && isV6(from.address) === isV6(to.address)) yield [from, to];
      }
    }
  }

  way(from: End, to: End): StaticWay {
    const key = `${placeText(from.place)} ${from.address} ${placeText(to.place)} ${to.address}`;
    const known = this.known.get(key) ?? this.walk(from, to);
    this.known.set(key, known);
    return known;
  }

  private walk(from: End, to: End): StaticWay {
    const arrivals: Arrival[] = [];
    let place = from.place;
    while (arrivals.length < mostHops) {
      const [route] = routesTo(place, to.address, from.address);
      if (route?.type === 'local') return { arrivals, arrives: place === to.place };
      if (route?.dev === undefined || route.type !== 'unicast') return { arrivals, arrives: false };
      const next = this.next({ host: place.host, netns: place.netns, dev: route.dev }, route.gateway ?? to.address);
      if (next === undefined) return { arrivals, arrives: false };
      arrivals.push(next);
      place = next.place;
    }
    return { arrivals, arrives: false };
  }

  /** Who has the next hop's address and hears the port: by the device of that address where it does, else by another. */
  next(port: Port, nextHop: string): Arrival | undefined {
    for (const { place, dev } of this.holders.get(nextHop) ?? []) {
      const heard = this.segments.heardIn(place, port).filter((heardBy) => !this.apart(port, { place, dev: heardBy }));
      const by = heard.includes(dev) ? dev : heard[0];
      if (by !== undefined) return { place, dev: by };
    }
    return undefined;
  }

  /** A macvlan device and the one below it do not hear each other (drivers/net/macvlan.c); an ipvlan device is heard below. */
  private apart(port: Port, { place, dev }: Arrival): boolean {
    const from = this.places.find(({ host, netns }) => host === port.host && netns === port.netns);
    if (from === undefined) return false;
    const isBelow = (upper: Place, name: string, lower: Place, below: string) => {
      const link = upper.links.find((one) => one.name === name);
      if (link === undefined || !macvlans.includes(link.kind)) return false;
      const found = lowerOf(this.places, upper, link);
      return found?.place === lower && found.link.name === below;
    };
    return isBelow(from, port.dev, place, dev) || isBelow(place, dev, from, port.dev);
  }
}

const macvlans = ['macvlan', 'macvtap'];

/** Text of the table that a rule leads to, and the kernel's own rules where none were read (ip-rule(8)). */
const defaults = [{ table: 'local' }, { table: 'main' }, { table: 'default' }];

/**
 * The routes that a packet of this place may take, by its rules and the longest prefix: several where they are alike but for
 * the next hop or the metric. Empty: there is none.
 */
export function routesTo(place: Place, to: string, from: string): readonly Route[] {
  const rules = place.rules
    .filter((rule) => rule.iif === undefined && covers(rule.from, from) && covers(rule.to, to))
    .sort((one, other) => one.priority - other.priority);
  for (const { table } of rules.length > 0 ? rules : defaults) {
    const found = longest(place.routes.filter((route) => route.table === table && covers(route.dst, to)));
    if (found.length > 0) return found;
  }
  return [];
}

function longest(routes: readonly Route[]): readonly Route[] {
  const most = Math.max(...routes.map(lengthOf));
  return routes.filter((route) => lengthOf(route) === most);
}

function lengthOf({ dst }: Route): number {
  if (dst === 'default') return 0;
  const [network = '', length] = dst.split('/');
  return length === undefined ? (isV6(network) ? 128 : 32) : Number(length);
}
