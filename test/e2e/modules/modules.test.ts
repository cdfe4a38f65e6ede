import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Action } from '../../../agent/modules/module.ts';
import { ip } from '../scratch-netns.ts';
import { applyAll, linux, plan, scratch, state, sweep, type Task } from './live-host.ts';

afterAll(sweep);

interface ListedTask extends Task {
  readonly once: boolean;
}

/** Puts real names for A and B. */
function tasks(): ListedTask[] {
  const text = readFileSync(join(import.meta.dirname, 'tasks.yml'), 'utf8');
  return (parse(text) as Record<string, unknown>[]).map(({ once, ...task }) => {
    const [[name, given] = ['', {}]] = Object.entries(task);
    const params = Object.entries(given as Record<string, unknown>).map(([key, value]) => {
      const isName = /netns$/.test(key) || (name === 'netns' && key === 'name');
      return [key, isName ? scratch.name(String(value)) : value] as const;
    });
    return { name, params: Object.fromEntries(params), once: once === true };
  });
}

test('every task does what it says, once, and is undone', async () => {
  const [first, second, ...others] = tasks();
  if (first === undefined || second === undefined) throw new Error('no tasks');
  for (const task of [first, second]) for (const step of (await plan(task)).steps) await linux.apply(step.action);
  const [a, b] = [scratch.name('A'), scratch.name('B')];
  // The kernel gives lo its address when it first comes up, and leaves it there.
  for (const change of ['up', 'down']) ip('-n', a, 'link', 'set', 'dev', 'lo', change);
  const before = [state(a), state(b)];

  const undo: (readonly Action[])[] = [];
  for (const task of others) {
    const { steps } = await plan(task);
    expect(steps.length, JSON.stringify(task)).toBeGreaterThan(0);
    for (const step of steps) {
      undo.unshift(step.undo);
      await linux.apply(step.action);
    }
    expect((await plan(task)).steps, JSON.stringify(task)).toEqual([]);
  }
  for (const task of others.filter(({ once }) => !once))
    expect((await plan(task)).steps, JSON.stringify(task)).toEqual([]);

  for (const actions of undo) await applyAll(actions);
  expect(scratch.files).toEqual([]);
  expect([state(a), state(b)]).toEqual(before);
}, 60_000);

test('what each task made it removes', async () => {
  const [first, second, ...others] = tasks().filter(({ once, name }) => !once && !['sysctl', 'ethtool'].includes(name));
  const made = others.filter(({ name }) => name !== 'link' && name !== 'bridge_port');
  for (const task of [first, second, ...others]) {
    if (task !== undefined) for (const step of (await plan(task)).steps) await linux.apply(step.action);
  }
  for (const task of made.toReversed()) {
    const gone = { ...task, params: { ...task.params, state: 'absent' } };
    for (const step of (await plan(gone)).steps) await linux.apply(step.action);
    expect((await plan(gone)).steps, JSON.stringify(gone)).toEqual([]);
    expect((await plan(task)).steps.length, JSON.stringify(task)).toBeGreaterThan(0);
  }
}, 60_000);
