import * as z from 'zod';
import { inNetns, linkName, presence } from '../fields.ts';
import type { Tree } from './tree.ts';

const time = z.string().regex(/^\d{1,9}(\.\d{1,6})?(s|ms|us)$/, 'a time has a unit: 100ms, 1.5s, 200us');
const percent = z.union([
  z.number().min(0).max(100),
  z.string().regex(/^(100|\d{1,2}(\.\d{1,6})?)%?$/, 'a share is a percentage from 0 to 100'),
]);
const rate = z
  .string()
  .regex(
    /^\d{1,9}(\.\d{1,6})?([kmgt]i?)?(bit|bps)$/i,
    'a rate has a unit: 512kbit, 10mbit, 1gbit (bps: bytes a second)',
  );

const fields = z.strictObject({
  dev: linkName.describe('Link whose outgoing packets suffer.'),
  netns: inNetns,
  delay: time.optional().describe('How long each packet is held back: 100ms.'),
  jitter: time.optional().describe('By how much the delay varies.'),
  delay_correlation: percent.optional().describe('How much a delay depends on the one before, in percent.'),
  distribution: z
    .enum(['uniform', 'normal', 'pareto', 'paretonormal'])
    .optional()
    .describe("How the delay varies; default: the kernel's, uniform."),
  loss: percent.optional().describe('Share of packets that are lost, in percent.'),
  loss_correlation: percent.optional().describe('How much a loss depends on the one before, in percent.'),
  loss_gemodel: z
    .strictObject({
      p: percent.describe('Chance to go from good to bad.'),
      r: percent.optional().describe('Chance to go back from bad to good.'),
      lost_in_bad: percent.optional().describe('Share that is lost while it is bad.'),
      lost_in_good: percent.optional().describe('Share that is lost while it is good.'),
    })
    .optional()
    .describe('Losses in bursts (Gilbert-Elliott) instead of `loss`, in percent. Each value needs those before it.'),
  duplicate: percent.optional().describe('Share of packets that are sent twice, in percent.'),
  duplicate_correlation: percent.optional().describe('How much it depends on the packet before, in percent.'),
  corrupt: percent.optional().describe('Share of packets with one bit turned, in percent.'),
  corrupt_correlation: percent.optional().describe('How much it depends on the packet before, in percent.'),
  reorder: percent
    .optional()
    .describe('Share of packets that are sent at once and so overtake delayed ones, in percent.'),
  reorder_correlation: percent.optional().describe('How much it depends on the packet before, in percent.'),
  gap: z.int().min(1).max(1_000_000).optional().describe('Only each n-th packet overtakes.'),
  rate: rate.optional().describe('What the link can carry: 10mbit.'),
  limit: z
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .describe("Most packets held at a time; default: the kernel's, 1000."),
  state: presence.describe('absent heals the link.'),
});
export type Impairment = z.infer<typeof fields>;
type Field = keyof Impairment;

/** Fields that say something only beside another. */
const needs: readonly (readonly [Field, Field])[] = [
  ['jitter', 'delay'],
  ['delay_correlation', 'jitter'],
  ['distribution', 'jitter'],
  ['loss_correlation', 'loss'],
  ['duplicate_correlation', 'duplicate'],
  ['corrupt_correlation', 'corrupt'],
  ['reorder', 'delay'],
  ['reorder_correlation', 'reorder'],
  ['gap', 'reorder'],
];

const harms: readonly Field[] = ['delay', 'loss', 'loss_gemodel', 'duplicate', 'corrupt', 'reorder', 'rate'];

export const impairment = fields.superRefine((params, context) => {
  const complain = (field: Field, message: string) => context.addIssue({ code: 'custom', path: [field], message });
  for (const [field, other] of needs) {
    if (params[field] !== undefined && params[other] === undefined) complain(field, `needs ${other}`);
  }
  if (params.loss !== undefined && params.loss_gemodel !== undefined)
    complain('loss_gemodel', 'say loss or this, not both');
  const { p, r, lost_in_bad: bad, lost_in_good: good } = params.loss_gemodel ?? { p: 0 };
  if (
    p !== undefined &&
    [r, bad, good].some((value, at, all) => value !== undefined && all.slice(0, at).includes(undefined))
  )
    complain('loss_gemodel', 'each of p, r, lost_in_bad, lost_in_good needs those before it');
  const said = harms.filter((field) => params[field] !== undefined);
  if (params.state === 'present' && said.length === 0) complain('delay', `say what to do: ${harms.join(', ')}`);
});

function share(value: number | string | undefined): string[] {
  if (value === undefined) return [];
  return [String(value).endsWith('%') ? String(value) : `${value}%`];
}

function named(word: string, value: number | string | undefined, correlation?: number | string): string[] {
  return value === undefined ? [] : [word, ...share(value), ...share(correlation)];
}

function netemWords(params: Impairment): string[] {
  const { delay, jitter, distribution, loss_gemodel: ge, gap, limit } = params;
  return [
    ...(limit === undefined ? [] : ['limit', String(limit)]),
    ...(delay === undefined ? [] : ['delay', delay, ...(jitter === undefined ? [] : [jitter])]),
    ...share(params.delay_correlation),
    ...(distribution === undefined ? [] : ['distribution', distribution]),
    ...named('loss', params.loss, params.loss_correlation),
    ...(ge === undefined ? [] : ['loss', 'gemodel', ...[ge.p, ge.r, ge.lost_in_bad, ge.lost_in_good].flatMap(share)]),
    ...named('duplicate', params.duplicate, params.duplicate_correlation),
    ...named('corrupt', params.corrupt, params.corrupt_correlation),
    ...named('reorder', params.reorder, params.reorder_correlation),
    ...(gap === undefined ? [] : ['gap', String(gap)]),
    ...(params.rate === undefined ? [] : ['rate', params.rate]),
  ];
}

/** The kernel does not tell the distribution, so the handle does: another distribution is another qdisc. */
const handles = { uniform: '2:', normal: '3:', pareto: '4:', paretonormal: '5:' };

export function impairedTree(params: Impairment): Tree {
  const handle = params.distribution === undefined ? '1:' : handles[params.distribution];
  const root = { kind: 'netem', handle, options: netemWords(params).join(' ') };
  return { root, classes: [], qdiscs: [], filters: [] };
}
