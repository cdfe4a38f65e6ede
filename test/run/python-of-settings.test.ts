import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { FakeAgent } from './fake-agent.ts';
import { simulatedRun } from './simulated-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'orch-python-'));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test('modules in Python of your own are started with that of the settings, unless the host says one or another one does the task', async () => {
  vi.stubEnv('ANSIBLE_PYTHON_INTERPRETER', '/opt/venv/bin/python');
  mkdirSync(join(folder, 'library'));
  writeFileSync(
    join(folder, 'library/mine.py'),
    '#!/usr/bin/python\nfrom ansible.module_utils.basic import AnsibleModule\n',
  );
  writeFileSync(
    join(folder, 'hosts'),
    'vm01\nvm02 ansible_python_interpreter=/usr/bin/python3.12\nvm03 ansible_python_interpreter=auto\n',
  );
  writeFileSync(
    join(folder, 'play.yml'),
    JSON.stringify([
      { hosts: 'all', gather_facts: false, tasks: [{ mine: {} }, { mine: {}, delegate_to: 'vm03', run_once: true }] },
    ]),
  );
  const agents = new Map<string, FakeAgent>();
  const agent = (host: string) => {
    const made = new FakeAgent([{ module: 'custom_module', result: {} }]);
    agents.set(host, made);
    return made;
  };
  await simulatedRun(join(folder, 'play.yml'), join(folder, 'hosts'), agent);
  const started = [...agents]
    .sort()
    .map(([, { received }]) => received.map(({ items: [item] }) => JSON.parse(item?.paramsJson ?? '{}').interpreter));
  expect(started).toEqual([['/opt/venv/bin/python'], ['/usr/bin/python3.12'], ['python3', 'python3']]);
});
