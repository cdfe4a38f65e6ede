import { existsSync } from 'node:fs';
import { settings } from '../../config/settings.ts';
import { expandedPath } from '../../paths.ts';
import { runningTestbed } from '../../testbed/running.ts';

/** Ansible's, where nobody names another. */
const systemInventory = '/etc/ansible/hosts';

/**
 * The inventories to read: those that were named, else those of ansible.cfg, else the testbed's when one is up, else the system's;
 * without any there is `localhost` alone.
 */
export function inventorySources(named: readonly string[]): readonly string[] {
  if (named.length > 0) return named.map((source) => (source.includes(',') ? source : expandedPath(source)));
  const { inventory } = settings();
  if (inventory.length > 0) return inventory;
  const testbed = runningTestbed();
  if (testbed) return [testbed.inventoryPath];
  return existsSync(systemInventory) ? [systemInventory] : [];
}
