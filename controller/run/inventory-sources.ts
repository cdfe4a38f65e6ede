import { OrchError } from '../../proto/errors.ts';
import { runningTestbed } from '../testbed/running.ts';

/** The inventories to read: those that were named, else the testbed's when one is up. Throws OrchError when there is none. */
export function inventorySources(named: readonly string[]): readonly string[] {
  if (named.length > 0) return named;
  const testbed = runningTestbed();
  if (testbed) return [testbed.inventoryPath];
  throw new OrchError({
    code: 'invalid-option',
    summary: 'No inventory: there is no -i, and no testbed is up here.',
    hint: 'Name one with -i FILE, or make hosts with "orch testbed up".',
  });
}
