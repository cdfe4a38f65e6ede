import { formatIp, parseIp } from '../../../../agent/modules/shared/ip-address.ts';
import { OrchError } from '../../../../proto/errors.ts';
import type { Place, PlaceName } from '../seen/evidence.ts';
import { isV6, placeText } from '../seen/facts.ts';

/** Where a probe goes to: an address, or a namespace by its own. */
export type Destination = { readonly address: string } | (PlaceName & { readonly preferred: string });

/** Addresses that only their own link or host knows. */
const near = /^(127\.|169\.254\.|fe[89ab]|::1$)/i;

/**
 * The address to ask, once it is known what the hosts have: the one the inventory prefers where the namespace has it, else
 * its first of this family. Throws OrchError 'invalid-option' where there is no such namespace or address.
 */
export function findDestination(
  { from, to, v6 }: { readonly from: PlaceName; readonly to: Destination; readonly v6: boolean },
  places: readonly Place[],
): string {
  placeNamed(places, from);
  if ('address' in to) {
    const ip = parseIp(to.address);
    if (ip !== undefined) return formatIp(ip);
    throw new OrchError({ code: 'invalid-option', summary: `${JSON.stringify(to.address)} is no address.` });
  }
  const place = placeNamed(places, to);
  const held = place.addresses.map(({ address }) => address).filter((address) => isV6(address) === v6);
  const far = held.filter((own) => !near.test(own));
  const address = far.find((own) => own === to.preferred) ?? far[0];
  if (address !== undefined) return address;
  throw new OrchError({
    code: 'invalid-option',
    summary: `${placeText(to)} has no ${v6 ? 'IPv6' : 'IPv4'} address to ask.`,
    hint: 'Name an address as TO to ask for it all the same.',
  });
}

function placeNamed(places: readonly Place[], name: PlaceName): Place {
  const place = places.find(({ host, netns, inode }) => host === name.host && netns === name.netns && inode !== 0);
  if (place !== undefined) return place;
  const known = places.filter(({ host }) => host === name.host);
  const named = known.filter(({ netns }) => netns !== '').map(placeText);
  const has = named.length > 0 ? `${name.host} has ${named.join(', ')}.` : `${name.host} has none with a name.`;
  throw new OrchError({
    code: 'invalid-option',
    summary: `There is no namespace ${placeText(name)}.`,
    hint: known.length > 0 ? has : `Is ${name.host} among the hosts?`,
  });
}
