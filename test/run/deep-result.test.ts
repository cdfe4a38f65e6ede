import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runCase } from './harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'orch-deep-result-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['[', ']'],
  ['{"a":', '}'],
])('what a host says in endless %s ends its own tasks and not the run', async (open, close) => {
  const deep = `{"x":${open.repeat(50_000)}${open === '[' ? '' : '1'}${close.repeat(50_000)}}`;
  const answer = { module: 'command', result_json: deep };
  writeFileSync(join(folder, 'inventory.yml'), 'all: { hosts: { vm01: , vm02: } }');
  writeFileSync(join(folder, 'agents.yml'), JSON.stringify({ vm01: { answers: [answer] } }));
  const tasks = [{ command: 'probe', register: 'said' }, { debug: { var: 'said' } }];
  writeFileSync(join(folder, 'playbook.yml'), JSON.stringify([{ hosts: 'all', gather_facts: false, tasks }]));
  const { report } = await runCase(folder, { verbosity: 1 });
  expect(report.hosts).toMatchObject({ vm01: { unreachable: 1, ok: 0 }, vm02: { ok: 2 } });
});
