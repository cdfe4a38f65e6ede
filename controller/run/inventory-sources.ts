import { runningTestbed } from '../testbed/running.ts';

/** The inventories to read: those that were named, else the testbed's when one is up, else none: there is `localhost` alone. */
export function inventorySources(named: readonly string[]): readonly string[] {
  if (named.length > 0) return named;
  const testbed = runningTestbed();
  return testbed ? [testbed.inventoryPath] : [];
}
