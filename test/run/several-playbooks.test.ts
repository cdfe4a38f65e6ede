import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createPrinter } from '../../controller/report/run/printer.ts';
import { recapText } from '../../controller/report/run/recap.ts';
import { Totals } from '../../controller/report/run/totals.ts';
import { createStyle } from '../../controller/report/style.ts';
import type { RunReport } from '../../controller/report/types.ts';
import { plainTerminal } from '../report/plain-terminal.ts';
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
      terminal: plainTerminal(write),
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

test('hosts may be called as members of objects are', () => {
  const counts = { ok: 1, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };
  const none = { ...counts, ok: 0 };
  const report: RunReport = {
    ...{
      version: 1,
      lab: 'l',
      run: 'r',
      playbook: 'p.yml',
      inventory: 'i',
      check: false,
      startedAt: '',
      durationMs: 1,
    },
    ...{ exit: 0, failures: {}, tasks: [], reach: [] },
    hosts: Object.fromEntries([
      ['__proto__', counts],
      ['constructor', none],
    ]),
  };
  const told = new Totals().of({ type: 'run-end', report });
  if (told.type !== 'run-end') throw new Error(told.type);
  expect(Object.entries(told.report.hosts)).toEqual(Object.entries(report.hosts));
  expect(
    recapText(told.report, createStyle(false))
      .match(/^\S+ +: ok=.*$/gm)
      ?.map((line) => line.split(' ')[0]),
  ).toEqual(['__proto__']);
});
