import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { RunEvent } from '../../controller/report/types.ts';
import { Keeping } from '../../controller/run/hosts/keeping.ts';
import type { Links } from '../../controller/run/hosts/links.ts';
import type { Arm } from '../../proto/gen/orch/v1/agent.ts';
import { runCase } from './harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'orch-hostile-agent-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a failure has one of the codes that there are, whatever a host calls it', async () => {
  const answer = { module: 'command', status: 'failed', code: '\u001b[2Jtask-failed]\nok: [vm01]', summary: 'no' };
  writeFileSync(join(folder, 'inventory.yml'), 'all: { hosts: { vm01: } }');
  writeFileSync(join(folder, 'agents.yml'), JSON.stringify({ vm01: { answers: [answer] } }));
  const tasks = [{ command: 'probe' }];
  writeFileSync(join(folder, 'playbook.yml'), JSON.stringify([{ hosts: 'all', gather_facts: false, tasks }]));
  const { report } = await runCase(folder, {});
  expect(report.failures.vm01).toMatchObject({ code: 'task-failed', summary: 'no' });
});

test('a host that is armed does not say how long the others wait, and says it once', () => {
  const armed: Arm[] = [];
  const told: RunEvent[] = [];
  let say: (host: string, arm: Arm) => void = () => undefined;
  const links = {
    whenArmed: (callback: typeof say) => {
      say = callback;
    },
    arm: (arm: Arm) => armed.push(arm),
    extend: () => undefined,
  };
  const keeping = new Keeping(links as unknown as Links, 0, (event) => told.push(event));
  say('vm02', { confirmS: 4_294_967_295, reason: 'link ens34' });
  say('vm02', { confirmS: 0, reason: 'link ens35' });
  expect(keeping.rest()).toBe(7500);
  expect(armed).toEqual([{ confirmS: 30, reason: 'vm02: link ens34' }]);
  expect(told).toHaveLength(1);
});
