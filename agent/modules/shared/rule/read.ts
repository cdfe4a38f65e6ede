import type { Host } from '../../../linux/host.ts';
import { readRows } from '../place.ts';
import { familyArg } from '../route/family.ts';
import { number, text } from '../rows.ts';
import { readTableNames, type TableNames } from '../tables.ts';
import { withDscpNumbers } from './masked.ts';
import { type Rule, ruleOf, unknownKeys } from './rule.ts';

/** In a namespace that has only the kernel's rules. */
const lastFree = 32_765;

/** What is known of a namespace's rules. */
export interface Rules {
  /** Those that tasks can name. */
  readonly rules: readonly Rule[];
  /** Those that tasks cannot name: "32000 (dscp)". */
  readonly unnamed: readonly string[];
  readonly names: TableNames;
  /** The priority for a rule that says none: the kernel's choice (net/core/fib_rules.c, fib_default_rule_pref). */
  readonly free: number;
  /** Every namespace has the kernel's own rules: false when there is no such namespace. */
  readonly any: boolean;
}

/** The rules of one family. `tables`: those that the task names. */
export async function readRules(
  host: Host,
  netns: string | undefined,
  family: 4 | 6,
  tables: readonly (string | number)[],
): Promise<Rules> {
  const rows = await withDscpNumbers(host, await readRows(host, netns, [...familyArg(family), 'rule', 'show']));
  const shown = rows.flatMap((row) => text(row, 'table') ?? []);
  const names = await readTableNames(host, [...tables.map(String), ...shown]);
  const found = rows.map((row) => ({ row, rule: ruleOf(row, family, names) }));
  const rules = found.flatMap(({ rule }) => rule ?? []);
  const unnamed = found.flatMap(({ row, rule }) => (rule ? [] : [`${number(row, 'priority')} (${unknownKeys(row)})`]));
  const second = rows[1] && number(rows[1], 'priority');
  return {
    rules,
    unnamed,
    names,
    free: second === undefined ? lastFree : Math.max(second - 1, 0),
    any: rows.length > 0,
  };
}
