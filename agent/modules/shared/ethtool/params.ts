import * as z from 'zod';
import { inNetns, linkName } from '../fields.ts';

const word = z.string().regex(/^[a-zA-Z0-9][\w.+-]{0,63}$/, 'a name has letters, digits, _ . + -');
const count = z.int().min(0).max(1_000_000).optional();

export const ethtoolFields = z.strictObject({
  dev: linkName.describe('Link to set up.'),
  netns: inNetns,
  features: z
    .record(word, z.boolean())
    .optional()
    .describe("Offloads and other features, by their names in `ethtool -k` or ethtool's short ones: {tso: false}."),
  rings: z
    .strictObject({
      rx: count.describe('Receive ring.'),
      tx: count.describe('Transmit ring.'),
      'rx-mini': count.describe('Ring for small packets.'),
      'rx-jumbo': count.describe('Ring for jumbo packets.'),
    })
    .optional()
    .describe('Entries of the rings (`ethtool -g`).'),
  channels: z
    .strictObject({
      rx: count.describe('Receive channels.'),
      tx: count.describe('Transmit channels.'),
      other: count.describe('Channels for other things.'),
      combined: count.describe('Channels for both directions.'),
    })
    .optional()
    .describe('Queues (`ethtool -l`).'),
  coalesce: z
    .record(z.string().regex(/^[a-z]+(-[a-z]+)*$/, 'a name as in `ethtool -C`'), z.union([z.int().min(0), z.boolean()]))
    .optional()
    .describe('Interrupt moderation, by the names of `ethtool -C`: {rx-usecs: 50, adaptive-rx: true}.'),
  pause: z
    .strictObject({
      autoneg: z.boolean().optional().describe('Agreed with the other end.'),
      rx: z.boolean().optional().describe('Stop when the other end asks.'),
      tx: z.boolean().optional().describe('Ask the other end to stop.'),
    })
    .optional()
    .describe('Flow control (`ethtool -a`).'),
  speed: z.int().min(1).max(10_000_000).optional().describe('Mbit/s.'),
  duplex: z.enum(['full', 'half']).optional().describe('Both directions at a time, or one.'),
  autoneg: z.boolean().optional().describe('Agree on speed and duplex with the other end.'),
  wol: z
    .string()
    .regex(/^(d|[pumbagsf]{1,8})$/, 'letters of p u m b a g s f, or d for none')
    .optional()
    .describe('What wakes the machine, in the letters of ethtool(8): g, or d for nothing.'),
  private_flags: z
    .record(word, z.boolean())
    .optional()
    .describe("The driver's own flags (`ethtool --show-priv-flags`)."),
});
export type EthtoolParams = z.infer<typeof ethtoolFields>;
