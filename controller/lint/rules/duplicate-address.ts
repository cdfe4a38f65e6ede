import * as z from 'zod';
import { parseIp } from '../../../agent/modules/shared/ip-address.ts';
import type { KnownTask } from '../known-tasks.ts';
import { defineRule, type Finding } from './rule.ts';
import { addressesOf, type KnownAddress } from './shared/addresses.ts';

export const rule = defineRule({
  name: 'duplicate-address',
  summary: 'Two namespaces, or two links, are given one and the same address.',
  find: ({ known }) => {
    // Networks of VRFs overlap, and so do those of who stands behind them: that is what they are for.
    const hostOf = ({ playbook, host }: Pick<KnownAddress, 'playbook' | 'host'>) => `${playbook} ${host}`;
    const overlapping = new Set(known.filter(({ module }) => module === 'vrf').map(hostOf));
    const macs = givenMacs(known);
    const macOf = ({ place, dev }: KnownAddress) => macs.get(`${place} ${dev}`);
    const first = new Map<string, KnownAddress>();
    return addressesOf(known).flatMap((address): readonly Finding[] => {
      const { value } = parseIp(address.ip) ?? {};
      // Loopback addresses, and link-local ones of IPv6, are everybody's own.
      if (value === undefined || overlapping.has(hostOf(address))) return [];
      if (/^(?:127\.|::1$|fe80:)/i.test(address.ip)) return [];
      const key = `${value} ${address.playbook}`;
      const before = first.get(key);
      if (!before) first.set(key, address);
      if (!before || (before.place === address.place && before.dev === address.dev)) return [];
      // A gateway that is everywhere has one MAC address everywhere, too.
      if (before.place !== address.place && macOf(address) !== undefined && macOf(address) === macOf(before)) return [];
      const told = `${address.ip} of ${address.place} (${address.dev}) is also that of ${before.place} (${before.dev})`;
      return [{ at: address.at, message: `${told}: ${before.at.file}:${before.at.line}.` }];
    });
  },
});

const link = z.looseObject({ name: z.string(), netns: z.string().default(''), address: z.string() });

/** The MAC addresses that tasks give to links, by place and name. */
function givenMacs(known: readonly KnownTask[]): ReadonlyMap<string, string> {
  return new Map(
    known.flatMap(({ host, params }) => {
      const { data } = link.safeParse(params);
      if (data === undefined) return [];
      const place = data.netns === '' ? host : `${host}/${data.netns}`;
      return [[`${place} ${data.name}`, data.address.toLowerCase()] as const];
    }),
  );
}
