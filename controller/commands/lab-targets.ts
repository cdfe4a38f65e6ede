import type { Target } from '../connect/types.ts';
import { localhosts } from '../inventory/types.ts';
import { inventoryTargets } from './inventory-targets.ts';
import type { Args } from './read-options.ts';

/**
 * The hosts of the inventory, and the workstation where a lab was on it (`hosts`), which is no part of `all`; with --limit
 * what that says. Throws OrchErrors for wrong input.
 */
export function labTargets(args: Args, hosts: readonly string[]): readonly Target[] {
  const own = hosts.filter((host) => localhosts.has(host));
  return inventoryTargets(args.limit === undefined ? { ...args, limit: ['all', ...own].join(',') } : args);
}
