import * as z from 'zod';
import { inNetns } from '../fields.ts';

/** What goes to iptables(8) as one word; "!" in front turns the sense of a match around. */
const word = z.union([z.string().regex(/^[^\n\r\0]+$/, 'is empty or holds a newline'), z.int()]);
const words = z.array(word).default([]);
const levels = ['0', '1', '2', '3', '4', '5', '6', '7'] as const;
const levelNames = ['emerg', 'alert', 'crit', 'error', 'warning', 'notice', 'info', 'debug'] as const;

export const iptablesFields = z.strictObject({
  table: z.enum(['filter', 'nat', 'mangle', 'raw', 'security']).default('filter').describe('The table.'),
  chain: z
    .string()
    .regex(/^[^\s!\0-][^\s\0]{0,27}$/, 'is no name of a chain')
    .optional()
    .describe('The chain; without one `flush` empties the whole table.'),
  state: z.enum(['absent', 'present']).default('present').describe('Whether there is such a rule, or chain.'),
  action: z.enum(['append', 'insert']).default('append').describe('Where a new rule goes: to the end, or the top.'),
  rule_num: z
    .union([z.string().regex(/^[1-9][0-9]{0,9}$/, 'is no number of a rule'), z.int().min(1)])
    .optional()
    .describe('With action insert: the place that it gets.'),
  ip_version: z.enum(['ipv4', 'ipv6', 'both']).default('ipv4').describe('Rules of which IP.'),
  protocol: word.optional().describe('Protocol: tcp, udp, icmp, a number, all.'),
  source: word.optional().describe('Where packets come from: an address with or without prefix.'),
  destination: word.optional().describe('Where they go to.'),
  tcp_flags: z
    .strictObject({
      flags: z.array(z.string().regex(/^[A-Z]+$/)).describe('Flags to look at.'),
      flags_set: z.array(z.string().regex(/^[A-Z]+$/)).describe('Those of them that must be set.'),
    })
    .optional()
    .describe('Flags of TCP.'),
  match: z
    .array(z.string().regex(/^[A-Za-z0-9_]+$/))
    .default([])
    .describe('Extensions to match with.'),
  jump: word.optional().describe('Target: ACCEPT, DROP, LOG, another chain.'),
  gateway: word.optional().describe('With jump TEE: host that copies go to.'),
  log_prefix: word.optional().describe('Text in front of what is logged; jump is LOG then.'),
  log_level: z
    .enum([...levels, ...levelNames])
    .optional()
    .describe('Level of what is logged.'),
  goto: word.optional().describe('Chain to go on in, without coming back to this one.'),
  in_interface: word.optional().describe('Link that they come in by; "eth+": all that begin so.'),
  out_interface: word.optional().describe('Link that they leave by.'),
  fragment: z.string().optional().describe('Second and further fragments; "!": all others.'),
  set_counters: z
    .string()
    .regex(/^[0-9]+[ ,][0-9]+$/, 'is not two numbers')
    .optional()
    .describe('Counters of a new rule: packets and bytes.'),
  source_port: word.optional().describe('Port that they come from, or a range: 1024:65535.'),
  destination_port: word.optional().describe('Port that they go to, or a range.'),
  destination_ports: words.describe('Several of them (multiport).'),
  to_ports: word.optional().describe('With jump REDIRECT or MASQUERADE: the port.'),
  to_destination: word.optional().describe('With jump DNAT: the new destination.'),
  to_source: word.optional().describe('With jump SNAT: the new source.'),
  syn: z.enum(['ignore', 'match', 'negate']).default('ignore').describe('Packets that open a connection of TCP.'),
  set_dscp_mark: word.optional().describe('DSCP to set; jump is DSCP then.'),
  set_dscp_mark_class: word.optional().describe('The same by its class: CS1.'),
  comment: word.optional().describe('A comment.'),
  ctstate: words.describe('States of connections: ESTABLISHED, RELATED.'),
  src_range: word.optional().describe('Addresses that they come from: 10.0.0.1-10.0.0.9.'),
  dst_range: word.optional().describe('Addresses that they go to.'),
  match_set: word.optional().describe('Name of an ipset.'),
  match_set_flags: z
    .enum(['src', 'dst', 'src,dst', 'dst,src', 'src,src', 'dst,dst'])
    .optional()
    .describe('What of a packet is looked for in it.'),
  limit: word.optional().describe('How often it matches at most: 5/second.'),
  limit_burst: word.optional().describe('How many before that counts.'),
  uid_owner: word.optional().describe('User that sends them.'),
  gid_owner: word.optional().describe('Group that sends them.'),
  reject_with: word.optional().describe('Answer to a refused packet; jump is REJECT then.'),
  icmp_type: word.optional().describe('Type of ICMP.'),
  flush: z.boolean().default(false).describe('Remove all rules of the chain, or of the table.'),
  policy: z
    .enum(['ACCEPT', 'DROP', 'QUEUE', 'RETURN'])
    .optional()
    .describe('Policy of the chain; all else is not looked at.'),
  wait: z
    .union([z.string().regex(/^[0-9]{1,5}$/, 'is no number of seconds'), z.int().min(0)])
    .optional()
    .describe('Seconds to wait for others who change rules.'),
  chain_management: z
    .boolean()
    .default(false)
    .describe('Where it is about no rule: make the chain, or with state absent remove it.'),
  numeric: z.boolean().default(false).describe('Taken for the sake of old playbooks: no names are asked for.'),
  netns: inNetns,
});
export type IptablesParams = z.infer<typeof iptablesFields>;
