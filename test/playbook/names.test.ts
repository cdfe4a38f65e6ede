import { expect, it } from 'vitest';
import { canonicalName } from '../../controller/playbook/catalog/catalog.ts';

it.each([
  ['ansible.builtin.copy', 'copy'],
  ['ansible.legacy.copy', 'copy'],
  ['community.general.modprobe', 'modprobe'],
  ['gather_facts', 'setup'],
  ['ansible.builtin.systemd_service', 'systemd'],
  ['community.general.ip_netns', 'netns'],
  ['ansible.builtin.yum', 'dnf'],
  ['ansible.builtin.dnf5', 'dnf'],
  ['some.other.copy', 'some.other.copy'],
  ['constructor', 'constructor'],
])('%s is %s', (name, canonical) => {
  expect(canonicalName(name)).toBe(canonical);
});
