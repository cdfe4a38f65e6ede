import { parseIp } from '../../../agent/modules/shared/ip-address.ts';
import { defineRule, type Finding } from './rule.ts';
import { addressesOf, type KnownAddress } from './shared/addresses.ts';

export const rule = defineRule({
  name: 'prefix-mismatch',
  summary: 'Addresses of one network have prefixes of different lengths, so that some take neighbours for strangers.',
  find: ({ known }) => {
    const before: KnownAddress[] = [];
    return addressesOf(known).flatMap((address): readonly Finding[] => {
      const other = before.find(
        (one) =>
          one.playbook === address.playbook &&
          one.prefix !== address.prefix &&
          contains(one, address) &&
          contains(address, one),
      );
      before.push(address);
      if (!other) return [];
      const [mine, its] = [address, other].map(({ ip, prefix, place }) => `${ip}/${prefix} (${place})`);
      return [{ at: address.at, message: `${mine} and ${its} are of one network: ${other.at.file}:${other.at.line}.` }];
    });
  },
});

/** Whether the network of one address has the other in it; a single address has no network. */
function contains({ ip, prefix }: KnownAddress, other: KnownAddress): boolean {
  const [one, two] = [parseIp(ip), parseIp(other.ip)];
  if (!one || !two || one.family !== two.family || prefix === undefined) return false;
  const bits = one.family === 4 ? 32 : 128;
  // A network of all addresses is none that somebody meant.
  if (prefix >= bits || prefix === 0) return false;
  const shift = BigInt(bits - prefix);
  return one.value >> shift === two.value >> shift;
}
