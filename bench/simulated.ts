// What a run costs the controller: simulated agents in this process, the real parser, variables and engine.
// Usage: tsx bench/simulated.ts [--hosts 1000] [--tasks 20] [--halve hosts|tasks] [--json FILE]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setRunFlags } from '../controller/v8-flags.ts';
import { FakeAgent } from '../test/run/fake-agent.ts';
import { simulatedRun } from '../test/run/simulated-run.ts';

/** What is written with --json. */
export interface SimulatedFigures {
  readonly hosts: number;
  readonly tasks: number;
  readonly seconds: number;
  /** Times what half as many hosts, or tasks, took. */
  readonly doublingRatio: number;
  readonly maxRssMb: number;
  readonly tasksEndedWell: number;
}

/** Tasks as labs have them: plain ones, templates, conditions, a loop, a result that later tasks use. */
function playbookText(tasks: number): string {
  const kinds = [
    '- netns: { name: "ns-{{ inventory_hostname }}" }',
    '- command: "echo {{ address }}"\n      register: said',
    '- address: { dev: eth0, address: "{{ item }}/24" }\n      loop: ["{{ address }}", 10.9.9.9]',
    '- command: "echo {{ said.stdout | upper }}"\n      when: said is changed and address is defined',
  ];
  const lines = Array.from({ length: tasks }, (_, index) => `    ${kinds[index % kinds.length]}`);
  return `- hosts: all\n  gather_facts: false\n  tasks:\n${lines.join('\n')}\n`;
}

function inventoryText(hosts: number): string {
  const lines = Array.from({ length: hosts }, (_, i) => `    h${i}: { address: 10.${i >> 8}.${i & 255}.1 }`);
  return `all:\n  hosts:\n${lines.join('\n')}\n`;
}

/** An agent that keeps nothing of what was asked of it: its memory would be counted as the controller's. */
function forgetful(agent: FakeAgent): FakeAgent {
  agent.onTask = () => agent.received.splice(0);
  return agent;
}

async function simulate(hosts: number, tasks: number): Promise<{ ms: number; ok: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'orch-simulated-'));
  try {
    const playbook = join(folder, 'playbook.yml');
    const inventory = join(folder, 'inventory.yml');
    writeFileSync(playbook, playbookText(tasks));
    writeFileSync(inventory, inventoryText(hosts));
    const startedAt = performance.now();
    const answers = [{ module: 'command', status: 'changed', result: { stdout: 'hello' } }] as const;
    const report = await simulatedRun(playbook, inventory, () => forgetful(new FakeAgent(answers)));
    const ok = Object.values(report.hosts).reduce((sum, host) => sum + host.ok, 0);
    return { ms: performance.now() - startedAt, ok };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '1000' },
    tasks: { type: 'string', default: '20' },
    halve: { type: 'string', default: 'hosts' },
    json: { type: 'string' },
  },
});
// As a run does.
setRunFlags();
const [hosts, tasks] = [Number(values.hosts), Number(values.tasks)];
const half = values.halve === 'tasks' ? await simulate(hosts, tasks / 2) : await simulate(hosts / 2, tasks);
const whole = await simulate(hosts, tasks);
const result: SimulatedFigures = {
  hosts,
  tasks,
  seconds: whole.ms / 1000,
  doublingRatio: whole.ms / half.ms,
  // The process's highest, in kilobytes as the kernel counts.
  maxRssMb: process.resourceUsage().maxRSS / 1024,
  tasksEndedWell: whole.ok,
};
console.log(
  `${hosts} simulated agents x ${tasks} tasks: ${result.seconds.toFixed(2)} s, ${result.doublingRatio.toFixed(2)} times ` +
    `the time of half as many ${values.halve}, at most ${result.maxRssMb.toFixed(0)} MB`,
);
if (result.tasksEndedWell !== hosts * tasks) throw new Error(`${result.tasksEndedWell} tasks ended well`);
if (values.json) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
