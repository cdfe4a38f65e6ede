import * as z from 'zod';
import { checked } from '../fields.ts';
import { shellWords } from '../shell-words.ts';

function unquoted(what: string) {
  return (input: unknown) =>
    typeof input === 'number' ? `put the ${what} in quotes: YAML takes 1:10 for a number to base 60` : undefined;
}

const handle = checked(
  (text) => (/^[0-9a-f]{1,4}:$/i.test(text) ? undefined : `${JSON.stringify(text)} is no handle, such as "1:"`),
  unquoted('handle'),
);

const classId = checked(
  (text) =>
    /^[0-9a-f]{1,4}:[0-9a-f]{1,4}$/i.test(text) ? undefined : `${JSON.stringify(text)} is no class, such as "1:10"`,
  unquoted('class'),
);

/** A handle or a class. */
const parent = checked(
  (text) =>
    /^[0-9a-f]{1,4}:([0-9a-f]{1,4})?$/i.test(text) ? undefined : `${JSON.stringify(text)} is neither handle nor class`,
  unquoted('parent'),
);

const kind = z.string().regex(/^[a-z][a-z0-9_-]{0,15}$/, 'a kind is a lower-case word, such as htb');

/** tc's own words. */
const options = checked((text) => {
  const words = shellWords(text);
  if (words === undefined) return 'a quote is not closed';
  return words.some((word) => /[#\n\r\0]/.test(word)) ? 'tc takes no number signs and no newlines in words' : undefined;
})
  .max(4000)
  .default('');

export const rootQdisc = z.strictObject({
  kind: kind.describe(
    'What it is: htb, prio, tbf, fq, fq_codel, cake, sfq, pfifo, netem, noqueue or another of tc(8).',
  ),
  handle: handle.default('1:').describe('Its number; hexadecimal.'),
  options: options.describe('Its options in the words of tc: "default 10".'),
});

export const childQdisc = z.strictObject({
  parent: classId.describe('The class that it hangs at.'),
  handle: handle.describe('Its number.'),
  kind: kind.describe('What it is.'),
  options: options.describe('Its options in the words of tc: "delay 10ms".'),
});

export const trafficClass = z.strictObject({
  classid: classId.describe('Its number; what stands before the colon is its qdisc.'),
  parent: parent.optional().describe('Class or qdisc that it is part of; default: its qdisc.'),
  options: options.describe('Its options in the words of tc: "rate 5mbit ceil 10mbit".'),
});

export const filter = z.strictObject({
  prio: z.int().min(1).max(65535).describe('Filters are tried from the lowest number up.'),
  protocol: z
    .string()
    .regex(/^[a-z0-9_.]{1,20}$/i, 'a protocol is a word: all, ip, ipv6, arp, 802.1Q')
    .default('all')
    .describe('Protocol of the packets: all, ip, ipv6, arp, 802.1Q.'),
  kind: kind.describe('What it is: flower, u32, matchall, basic, fw or another of tc(8).'),
  mark: z.int().min(0).max(0xffffffff).optional().describe('fw: the mark that it looks for.'),
  options: options.describe('Matches, class and actions in the words of tc: "dst_ip 10.0.0.0/8 classid 1:10".'),
});

export type RootQdisc = z.infer<typeof rootQdisc>;
export type ChildQdisc = z.infer<typeof childQdisc>;
export type TrafficClass = z.infer<typeof trafficClass>;
export type Filter = z.infer<typeof filter>;

/** Words of options that the schema let pass. */
export function wordsOf(options: string): readonly string[] {
  return shellWords(options) ?? [];
}
