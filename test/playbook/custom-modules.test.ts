import { expect, test } from 'vitest';
import { CustomModules } from '../../controller/playbook/custom-modules.ts';

// Which file a module's name means, in which the first folder that has it counts for all roles.
test.each([
  ['of the role that was met first', ['/lab/roles/a', '/lab/roles/b'], '/lab/roles/b', '/lab/roles/a/library/probe.py'],
  ['of the role itself', ['/lab/roles/b'], '/lab/roles/b', '/lab/roles/b/library/probe.py'],
  ['of the playbook before all roles', ['/own/roles/a'], '/own/roles/a', '/own/library/probe.py'],
  ['of the settings, where nothing else has it', ['/lab/roles/none'], '/lab/roles/none', '/set/probe.py'],
])('a module %s', (_what, met, rolePath, file) => {
  const holders = ['/lab/roles/a/library', '/lab/roles/b/library', '/own/roles/a/library', '/own/library', '/set'];
  const modules = new CustomModules({
    list: (folder) => (holders.includes(folder) ? ['probe.py'] : []),
    library: ['/set'],
  });
  for (const role of met) modules.meet(role);
  const found = modules.find('probe', { playbookDir: rolePath.replace(/\/roles.*/, ''), rolePath });
  expect(found?.file).toBe(file);
  expect(found?.utils[0]).toBe(`${rolePath}/module_utils`);
});
