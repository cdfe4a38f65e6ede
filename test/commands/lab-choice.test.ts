import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { CommandLine } from '../../controller/commands/command-line.ts';
import { options } from '../../controller/commands/destroy.ts';
import { chooseLab } from '../../controller/commands/lab-choice.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orch-lab-choice-'));
  const run = join(folder, '.orch/runs/20261201T000000.000Z-here');
  mkdirSync(run, { recursive: true });
  const hosts = { localhost: { ok: 1, changed: 1, failed: 0, unreachable: 0 } };
  writeFileSync(join(run, 'report.json'), JSON.stringify({ lab: 'here', inventory: '', hosts, failures: {} }));
  writeFileSync(join(folder, 'hosts'), 'a\nb\n');
  // Records are kept in the folder that a command is run in.
  vi.spyOn(process, 'cwd').mockReturnValue(folder);
});

afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const line = new CommandLine(options, (summary) => {
  throw new Error(summary);
});
const choose = (args: Readonly<Record<string, unknown>>) => chooseLab(line.lastGiven(args));
const namesOf = (args: Readonly<Record<string, unknown>>) => choose(args).targets.map(({ name }) => name);

test('a lab on the workstation is looked for there, though no inventory has it', () => {
  expect(namesOf({ lab: 'here' })).toEqual(['localhost']);
  expect(namesOf({ what: 'here' })).toEqual(['localhost']);
  expect(namesOf({})).toEqual(['localhost']);
});

test('with an inventory, a lab that is named is looked for on its hosts, too', () => {
  expect(namesOf({ lab: 'here', inventory: [join(folder, 'hosts')] })).toEqual(['a', 'b', 'localhost']);
  expect(namesOf({ inventory: [join(folder, 'hosts')] })).toEqual(['localhost']);
  expect(namesOf({ lab: 'here', inventory: [join(folder, 'hosts')], limit: 'b' })).toEqual(['b']);
});

test('of several limits the last one counts, and of several labs none', () => {
  const inventory = [join(folder, 'hosts')];
  expect(namesOf({ lab: 'here', inventory, limit: ['a', 'b'] })).toEqual(['b']);
  expect(namesOf({ inventory, limit: ['b', 'a'] })).toEqual(['a']);
  expect(() => choose({ lab: ['here', 'elsewhere'] })).toThrow('--lab takes the name of a lab, and was given several');
});

test('where no host is known, that is said, and not that nothing was to do', () => {
  expect(() => chooseLab({ lab: 'elsewhere' })).toThrow('No host is known that lab elsewhere could be on.');
});
