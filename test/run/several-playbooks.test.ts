import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createPrinter } from '../../controller/report/run/printer.ts';
import { Totals } from '../../controller/report/run/totals.ts';
import { FakeAgent } from './fake-agent.ts';
import { simulatedRuns } from './simulated-run.ts';

const here = import.meta.dirname;

const answers = [
  { module: 'command', status: 'changed', result: { stdout: 'up' } },
  { module: 'setup', result: { ansible_facts: { ansible_kernel: '6.12' } } },
] as const;

test('a playbook goes on with what those before it have learned of hosts', async () => {
  let told = '';
  const write = (text: string): void => {
    told += text;
  };
  const print = () =>
    createPrinter({
      ...{ output: 'text', verbosity: 0, customStats: true },
      terminal: { live: false, color: false, columns: () => 80, rows: () => 24, write },
    });
  const totals = new Totals();
  let printer = print();
  const files = ['several-playbooks/one.yml', 'several-playbooks/two/two.yml'];
  const reports = await simulatedRuns(
    files.map((file) => join(here, file)),
    join(here, 'inventory.yml'),
    () => new FakeAgent(answers),
    (event) => {
      printer(totals.of(event));
      if (event.type === 'run-end') printer = print();
    },
  );
  expect(reports.map(({ hosts }) => Object.entries(hosts).map(([name, { ok }]) => `${name} ${ok}`))).toEqual([
    ['vm01 5'],
    ['vm01 3', 'vm09 2'],
  ]);
  const lines = told.split('\n').filter((line) => line !== '' && !line.startsWith('lab '));
  expect(`${lines.join('\n')}\n`).toBe(readFileSync(join(here, 'several-playbooks/told.txt'), 'utf8'));
});
