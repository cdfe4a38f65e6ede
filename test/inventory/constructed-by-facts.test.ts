import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { loadInventory } from '../../controller/inventory/load-inventory.ts';

const folder = mkdtempSync(join(tmpdir(), 'orch-inventory-facts-'));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test('what runs before have learned of hosts makes groups of them', () => {
  // A process reads its settings once.
  vi.stubEnv('ANSIBLE_CACHE_PLUGIN', 'jsonfile');
  vi.stubEnv('ANSIBLE_CACHE_PLUGIN_CONNECTION', folder);
  writeFileSync(join(folder, 'hosts.ini'), 'vm01 ansible_os_family=unknown\nvm02\n');
  const made = { plugin: 'constructed', keyed_groups: [{ key: 'ansible_os_family', prefix: 'os' }] };
  writeFileSync(join(folder, 'made.yml'), JSON.stringify(made));
  const facts = JSON.stringify({ ansible_os_family: 'Debian', _ansible_facts_gathered: true });
  writeFileSync(join(folder, 's1_vm01'), JSON.stringify({ __payload__: facts }));
  const { inventory, errors } = loadInventory([join(folder, 'hosts.ini'), join(folder, 'made.yml')]);
  expect(errors).toEqual([]);
  expect(inventory.groups.get('os_Debian')?.hosts).toEqual(['vm01']);
  expect(inventory.hosts.get('vm01')?.groups).toEqual(['os_Debian']);
});

test('what others may have written of a host is not trusted, and looked at only where it is asked for', () => {
  const path = join(folder, 's1_vm01');
  chmodSync(path, 0o664);
  const asks = loadInventory([join(folder, 'hosts.ini'), join(folder, 'made.yml')]);
  expect(asks.errors).toEqual([]);
  expect(asks.inventory.hosts.get('vm01')?.groups).toEqual(['os_unknown']);
  const warning = `${path} has mode 0664, which lets others get at it. Facts of vm01 are not taken from it: chmod go-rwx ${path}`;
  expect(asks.warnings).toEqual([warning]);
  const names = { plugin: 'constructed', groups: { all_of_them: true, vms: "inventory_hostname.startswith('vm')" } };
  writeFileSync(join(folder, 'names.yml'), JSON.stringify(names));
  const does = loadInventory([join(folder, 'hosts.ini'), join(folder, 'names.yml')]);
  expect(does.warnings).toEqual([]);
  expect(does.inventory.groups.get('vms')?.hosts).toEqual(['vm01', 'vm02']);
});

test('no word of a host counts for how it is reached', () => {
  const path = join(folder, 's1_vm02');
  const facts = JSON.stringify({ ansible_host: 'evil', ansible_connection: 'local', ansible_fqdn: 'vm02.example' });
  writeFileSync(path, JSON.stringify({ __payload__: facts }), { mode: 0o600 });
  const compose = { ansible_host: 'ansible_host | default(ansible_fqdn)', way: "ansible_connection | default('ssh')" };
  writeFileSync(join(folder, 'reached.yml'), JSON.stringify({ plugin: 'constructed', compose }));
  const { inventory, errors } = loadInventory([join(folder, 'hosts.ini'), join(folder, 'reached.yml')]);
  expect(errors).toEqual([]);
  const { vars } = inventory.hosts.get('vm02') ?? { vars: new Map() };
  expect(['ansible_host', 'way'].map((name) => vars.get(name)?.value)).toEqual(['vm02.example', 'ssh']);
});
