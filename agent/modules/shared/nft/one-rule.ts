import type { Host } from '../../../linux/host.ts';
import { chainRules } from '../../../linux/nft-listing.ts';
import { rulesProblem } from './rules.ts';
import { type Table, wantedForm } from './table.ts';

/** Why this text is not one rule, or undefined when it can be one. */
export function ruleProblem(rule: string): string | undefined {
  const bare = rule.replace(/"[^"]*"/g, '');
  if (rule.trim() === '') return 'say the rule';
  if (/[\n;]/.test(bare)) return 'one rule for a task: a newline or ; begins another one';
  return rulesProblem(rule)?.replace(/^line 1 /, '');
}

/**
 * A rule as nft lists it in a chain without its counts. `present`: the listing of its table, with the sets and chains that a
 * rule may name, and the rules of its chain: one that is listed there needs no asking.
 */
export async function listedForm(
  host: Host,
  { chain, ...at }: Table & { readonly chain: string },
  rule: string,
  present: { readonly listing: string; readonly rules: readonly string[] },
): Promise<string> {
  const bare = rule.trim().replace(/\bcounter packets \d+ bytes \d+/g, 'counter');
  if (present.rules.includes(bare)) return bare;
  const table = /\{\n([\s\S]*)\}/.exec(present.listing)?.[1] ?? '';
  const form = await wantedForm(host, at, `${table}chain ${chain} {\n${rule.trim()}\n}`, undefined);
  return chainRules(form, chain).at(-1)?.text ?? bare;
}
