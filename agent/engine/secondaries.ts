import type { ActingHost } from '../linux/acting-host.ts';
import type { Action } from '../linux/action.ts';
import { type AddressRow, addressRow, sameKey } from '../modules/shared/address/address.ts';
import { restoreAddress } from '../modules/shared/address/steps.ts';
import { rows } from '../modules/shared/rows.ts';
import { after } from './snapshot/touched.ts';

interface Place {
  readonly netns: string | undefined;
  readonly dev: string;
}

/**
 * To be called before actions are carried out; what it returns puts those addresses back that went along with them and are not
 * theirs. With the first IPv4 address of a network the kernel removes the secondary ones (promote_secondaries, ip-sysctl).
 */
export async function noteSecondaries(
  actions: readonly Action[],
  host: ActingHost,
): Promise<() => Promise<readonly Action[]>> {
  const noted: { readonly place: Place; readonly secondary: readonly AddressRow[] }[] = [];
  for (const place of placesOf(actions)) {
    const secondary =
      (await addressesOf(place, host))?.filter(({ family, secondary }) => family === 4 && secondary) ?? [];
    if (secondary.length > 0) noted.push({ place, secondary });
  }
  return async () => {
    const back: Action[] = [];
    for (const { place, secondary } of noted) {
      const left = await addressesOf(place, host);
      // A link that is gone has no address to get back.
      const lost = secondary.filter((row) => left?.some((other) => sameKey(other, row)) === false);
      back.push(...lost.filter((row) => !isRemoved(row, place, actions)).map((row) => restoreAddress(place, row)));
    }
    return back;
  };
}

/** Links that actions remove addresses of. */
function placesOf(actions: readonly Action[]): readonly Place[] {
  const places = new Map<string, Place>();
  for (const action of actions) {
    const dev = removalOf(action)?.dev;
    if (dev !== undefined && action.op === 'ip') places.set(`${action.netns} ${dev}`, { netns: action.netns, dev });
  }
  return [...places.values()];
}

function removalOf(action: Action): { readonly cidr: string; readonly dev: string } | undefined {
  if (action.op !== 'ip' || action.args[0] !== 'address' || action.args[1] !== 'delete') return undefined;
  const [cidr = '', dev] = [action.args[2], after(action.args, 'dev')];
  return dev === undefined || cidr.includes(':') ? undefined : { cidr, dev };
}

function isRemoved({ address, prefix }: AddressRow, { netns, dev }: Place, actions: readonly Action[]): boolean {
  return actions.some((action) => {
    const removal = removalOf(action);
    return (
      removal?.cidr === `${address}/${prefix}` && removal.dev === dev && action.op === 'ip' && action.netns === netns
    );
  });
}

/** Undefined: there is no such link. */
async function addressesOf({ netns, dev }: Place, host: ActingHost): Promise<readonly AddressRow[] | undefined> {
  const [link] = (await host.ip(['address', 'show', 'dev', dev], netns)).rows;
  return link && rows(link, 'addr_info').map((row) => addressRow(row, dev));
}
