import * as z from 'zod';
import { flag, number, object, text } from '../rows.ts';
import { type Attribute, info } from './attribute.ts';

const field = z
  .union([
    z.literal('none'),
    z.strictObject({
      type: z.enum(['fou', 'gue']).describe('Bare, or with the header of generic UDP encapsulation.'),
      sport: z
        .union([z.literal('auto'), z.int().min(1).max(65535)])
        .default('auto')
        .describe('Source port.'),
      dport: z.int().min(1).max(65535).describe('Destination port.'),
      csum: z.boolean().optional().describe('UDP checksums.'),
      csum6: z.boolean().optional().describe('UDP checksums over IPv6.'),
      remcsum: z.boolean().optional().describe('Remote checksum offload.'),
    }),
  ])
  .describe('UDP around each outer packet: none, or {type, sport, dport, csum, csum6, remcsum}.');
type Encap = z.infer<typeof field>;

const flags = ['csum', 'csum6', 'remcsum'] as const;
const flagWords = { csum: 'encap-csum', csum6: 'encap-udp6-csum', remcsum: 'encap-remcsum' } as const;

/**
 * Foo-over-UDP of IP tunnels (net/ipv4/fou_core.c, net/ipv6/fou6.c), set up with the tunnel. Without the module the kernel
 * refuses it as an invalid argument.
 */
export const encap = (module: 'fou' | 'fou6'): Attribute<Encap> => ({
  field,
  needs: (value) => (value === 'none' ? [] : [{ what: 'module', which: module }]),
  shows(row) {
    const shown = object(info(row), 'encap');
    const type = z.enum(['fou', 'gue']).safeParse(text(shown, 'type')).data;
    if (type === undefined) return 'none';
    const [csum, csum6, remcsum] = flags.map((name) => flag(shown, name));
    return { type, sport: number(shown, 'sport') || 'auto', dport: number(shown, 'dport') ?? 0, csum, csum6, remcsum };
  },
  words(value) {
    if (value === 'none') return ['encap', 'none'];
    const { type, sport, dport } = value;
    const given = flags.filter((name) => value[name] !== undefined);
    return [
      ...['encap', type, 'encap-sport', String(sport), 'encap-dport', String(dport)],
      ...given.map((name) => `${value[name] ? '' : 'no'}${flagWords[name]}`),
    ];
  },
  change: 'in place',
  unset: 'none',
  same(wanted, present) {
    if (wanted === 'none' || present === 'none') return wanted === present;
    return Object.entries(wanted).every(
      ([key, value]) => value === undefined || present[key as keyof typeof present] === value,
    );
  },
});
