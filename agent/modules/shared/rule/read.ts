import type { Host } from '../../../linux/host.ts';
import { readRows } from '../place.ts';
import { familyArg } from '../route/family.ts';
import { number, text } from '../rows.ts';
import { readTableNames, type TableNames } from '../tables.ts';
import { type Rule, ruleOf } from './rule.ts';

/** In a namespace that has only the kernel's rules. */
const lastFree = 32_765;

/** What is known of a namespace's rules. */
export interface Rules {
  /** Those that tasks can name. */
  readonly rules: readonly Rule[];
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
  const rows = await readRows(host, netns, [...familyArg(family), 'rule', 'show']);
  const shown = rows.flatMap((row) => text(row, 'table') ?? []);
  const names = await readTableNames(host, [...tables.map(String), ...shown]);
  const rules = rows.flatMap((row) => ruleOf(row, family, names) ?? []);
  const second = rows[1] && number(rows[1], 'priority');
  return { rules, names, free: second === undefined ? lastFree : Math.max(second - 1, 0), any: rows.length > 0 };
}
