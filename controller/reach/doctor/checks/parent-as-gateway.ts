import { placeText } from '../../why/seen/facts.ts';
import { lowerOf } from '../../why/way/segment.ts';
import { routesTo } from '../static-ways.ts';
import { defineCheck } from './check.ts';

/** Modes in which a device and its parent do not speak to each other; others go through the parent's routing. */
const isolated: Readonly<Record<string, readonly string[]>> = {
  ipvlan: ['l2'],
  ipvtap: ['l2'],
  macvlan: ['bridge', 'private', 'vepa'],
  macvtap: ['bridge', 'private', 'vepa'],
};

export const check = defineCheck({
  name: 'parent-as-gateway',
  summary: 'A route of an ipvlan or macvlan device leads by its own parent, which it cannot speak to.',
  find: ({ places }) =>
    places.flatMap((place) =>
      place.links.flatMap((link) => {
        const parent = isolated[link.kind]?.includes(link.mode) ? lowerOf(places, place, link) : undefined;
        if (parent === undefined || parent.place === place) return [];
        const held = parent.place.addresses.filter(({ dev }) => dev === parent.link.name).map(({ address }) => address);
        const route = place.routes.find(
          ({ dev, gateway }) => dev === link.name && gateway !== undefined && held.includes(gateway),
        );
        const own = place.addresses.find(({ dev, address }) => dev === link.name && !address.includes(':'));
        if (route?.gateway === undefined || own === undefined) return [];
        // A device of the parent's namespace that stands on the same parent speaks for it.
        const back = routesTo(parent.place, own.address, '0.0.0.0').flatMap(({ dev }) => dev ?? []);
        const helped = parent.place.links.some(({ name, lower }) => back.includes(name) && lower === parent.link.name);
        if (helped) return [];
        const { host, netns } = place;
        return [
          {
            ...{ host, netns, device: link.name },
            sentence: `The route ${route.dst} of ${placeText(place)} leads by ${route.gateway}, which is on ${parent.link.name} of ${placeText(parent.place)}: the parent of ${link.name} (${link.kind}, ${link.mode}).`,
            breaks: 'Such a device and its parent do not hear each other: the gateway never answers.',
            advice: `Put another ${link.kind} device on ${parent.link.name} into ${placeText(parent.place)}, and a route to ${own.address} by it (as playbooks/lab.yml does), or choose a gateway outside of ${host}.`,
          },
        ];
      }),
    ),
});
