import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action } from '../../linux/action.ts';
import { type AddressRow, addressRow, sameKey } from '../../modules/shared/address/address.ts';
import { restoreAddress } from '../../modules/shared/address/steps.ts';
import { cidrText } from '../../modules/shared/ip-address.ts';
import { rows } from '../../modules/shared/rows.ts';
import { after } from '../steps/touched.ts';
import type { Place } from './lost-with-link.ts';

/**
 * To be called before actions are carried out; what it returns puts those addresses back that went along with them and are not
 * theirs. With the first IPv4 address of a network the kernel removes the secondary ones (promote_secondaries, ip-sysctl).
 */
export async function noteSecondaries(
  actions: readonly Action[],
  host: ActingHost,
): Promise<() => Promise<readonly Action[]>> {
  const removals = removalsIn(actions);
  const places = new Map(removals.map((removal) => [`${removal.netns} ${removal.dev}`, removal]));
  const noted: { readonly place: Place; readonly others: readonly AddressRow[] }[] = [];
  for (const place of places.values()) {
    const isRemoved = (row: AddressRow) =>
      removals.some(({ netns, dev, cidr }) => netns === place.netns && dev === place.dev && cidr === cidrText(row));
    const others = (await addressesOf(place, host))?.filter(
      (row) => row.family === 4 && row.secondary && !isRemoved(row),
    );
    if (others !== undefined && others.length > 0) noted.push({ place, others });
  }
  return async () => {
    const back: Action[] = [];
    for (const { place, others } of noted) {
      // A link that is gone has no address to get back.
      const left = await addressesOf(place, host);
      const lost = others.filter((row) => left?.some((one) => sameKey(one, row)) === false);
      back.push(...lost.map((row) => restoreAddress(place, row)));
    }
    return back;
  };
}

interface Removal extends Place {
  readonly cidr: string;
}

/** The IPv4 addresses that actions remove. */
function removalsIn(actions: readonly Action[]): readonly Removal[] {
  return actions.flatMap((action) => {
    if (action.op !== 'ip' || action.args[0] !== 'address' || action.args[1] !== 'delete') return [];
    const [cidr = '', dev] = [action.args[2], after(action.args, 'dev')];
    return dev === undefined || cidr.includes(':') ? [] : [{ netns: action.netns, dev, cidr }];
  });
}

/** Undefined: there is no such link. */
async function addressesOf({ netns, dev }: Place, host: ActingHost): Promise<readonly AddressRow[] | undefined> {
  const [link] = (await host.ip(['address', 'show', 'dev', dev], netns)).rows;
  return link && rows(link, 'addr_info').map((row) => addressRow(row, dev));
}
