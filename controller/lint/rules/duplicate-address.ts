import { parseIp } from '../../../agent/modules/shared/ip-address.ts';
import { defineRule, type Finding } from './rule.ts';
import { addressesOf, type KnownAddress } from './shared/addresses.ts';

export const rule = defineRule({
  name: 'duplicate-address',
  summary: 'Two namespaces, or two links, are given one and the same address.',
  find: ({ known }) => {
    const first = new Map<string, KnownAddress>();
    return addressesOf(known).flatMap((address): readonly Finding[] => {
      const { value } = parseIp(address.ip) ?? {};
      // Loopback addresses, and link-local ones of IPv6, are everybody's own.
      if (value === undefined || /^(?:127\.|::1$|fe80:)/i.test(address.ip)) return [];
      const before = first.get(String(value));
      if (!before) first.set(String(value), address);
      if (!before || (before.place === address.place && before.dev === address.dev)) return [];
      const told = `${address.ip} of ${address.place} (${address.dev}) is also that of ${before.place} (${before.dev})`;
      return [{ at: address.at, message: `${told}: ${before.at.file}:${before.at.line}.` }];
    });
  },
});
