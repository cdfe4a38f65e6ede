import { task } from '../causes/cause.ts';
import type { Place } from '../seen/evidence.ts';
import { quoted } from '../seen/flow.ts';

type Chain = Pick<Place['nftRules'][number], 'family' | 'table' | 'chain'>;

/** A task that puts a rule into a chain, first of all or last, or takes it away. */
export function nftRuleTask(
  name: string,
  { family, table, chain }: Chain,
  rule: string,
  how: { readonly place: 'first' | 'last' } | { readonly state: 'absent' },
  netns: string,
): string {
  return task(name, 'nft_rule', { family, table, chain, rule: quoted(rule), ...how }, netns);
}

/** A rule's text without what it counted. */
export function bareRule(text: string): string {
  return text.replace(/\bcounter packets \d+ bytes \d+/g, 'counter').trim();
}
