import { expect, test } from 'vitest';
import { CustomModules } from '../../controller/playbook/catalog/custom-modules.ts';
import { OrchError } from '../../proto/errors.ts';

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

const files: Readonly<Record<string, readonly string[]>> = {
  '/site/ansible_collections': ['acme', 'ansible', 'community', 'README.md'],
  '/site/ansible_collections/acme': ['net'],
  '/site/ansible_collections/ansible': ['windows'],
  '/site/ansible_collections/community': ['docker', 'general'],
  '/site/ansible_collections/acme/net/plugins/modules': ['docker_host.py', 'probe.py'],
  '/site/ansible_collections/ansible/windows/plugins/modules': ['win_copy.ps1', 'win_copy.py', 'win_ping.ps1'],
  '/site/ansible_collections/ansible/windows/plugins/action': ['win_copy.py'],
  '/site/ansible_collections/community/docker/plugins/modules': ['docker_host.py'],
};
const routing = `plugin_routing:
  modules:
    docker_host: { redirect: community.docker.docker_host }
    round: { redirect: community.general.round }
    odd: [no, mapping]
`;

// Playbooks are older than collections, and collections lead names to where they went.
test.each([
  ['probe', '/site/ansible_collections/acme/net/plugins/modules/probe.py'],
  ['docker_host', '/site/ansible_collections/community/docker/plugins/modules/docker_host.py'],
  ['community.general.docker_host', '/site/ansible_collections/community/docker/plugins/modules/docker_host.py'],
  ['community.general.round', undefined],
  ['community.general.odd', undefined],
  ['win_copy', '/site/ansible_collections/ansible/windows/plugins/action/win_copy.py'],
  ['nothing', undefined],
])('%s of collections', (written, file) => {
  const modules = new CustomModules({
    list: (folder) => files[folder] ?? [],
    collections: ['/site'],
    readFile: (path) => {
      if (path === '/site/ansible_collections/community/general/meta/runtime.yml') return routing;
      throw new OrchError({ code: 'file-not-found', summary: path });
    },
  });
  const place = { playbookDir: '/lab' };
  const found = modules.find(written, place) ?? modules.findMoved(written, place);
  expect(found?.file).toBe(file);
  expect(found?.half).toBe(written === 'win_copy' ? true : undefined);
});
