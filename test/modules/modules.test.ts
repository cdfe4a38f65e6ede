import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { tcCommands } from '../../agent/linux/tools.ts';
import type { Action, AnyModule, ObjectRef, Plan } from '../../agent/modules/module.ts';
import { registry } from '../../agent/modules/registry.gen.ts';
import { OrchError } from '../../proto/errors.ts';
import { foldersIn } from '../folders.ts';
import { fakeHost, hostAnswers } from './fake-host.ts';

const folder = import.meta.dirname;
const converging = [...registry.values()].filter((module) => module.form === 'converge').map((module) => module.name);

/** One case file: a task, a host, and what must come of it. */
const caseFile = z.strictObject({
  why: z.string().optional(),
  params: z.unknown(),
  check: z.boolean().default(false),
  host: hostAnswers.prefault({}),
  /** The host once the steps are carried out: planning again must find nothing to do. */
  after: hostAnswers.optional(),
  steps: z.array(z.unknown()).optional(),
  /** What is carried out and is no change. */
  asides: z.array(z.unknown()).default([]),
  /** What a running module has had carried out. */
  applied: z.array(z.unknown()).default([]),
  warnings: z.array(z.string()).default([]),
  result: z.record(z.string(), z.unknown()).optional(),
  before: z.unknown().optional(),
  /** What the task is about, as labs share it. */
  objects: z.array(z.string()).optional(),
  /** What check mode may promise once the task was planned: "link ns01/ipvlan1". */
  makes: z.array(z.string()).optional(),
  wanted: z.unknown().optional(),
  changed: z.boolean().optional(),
  failed: z.boolean().optional(),
  skipped: z.boolean().optional(),
  message: z.string().optional(),
  error: z
    .strictObject({ code: z.string(), says: z.array(z.string()), result: z.record(z.string(), z.unknown()).optional() })
    .optional(),
});
type Case = z.infer<typeof caseFile>;

/** Actions as a case writes them: `ns01: ip link ...`, `sysctl net/ipv4/x=1`, lines of tc, or the object itself. */
function short(action: Action): unknown {
  if (action.op === 'ip') return `${action.netns === undefined ? '' : `${action.netns}: `}ip ${action.args.join(' ')}`;
  if (action.op === 'sysctl')
    return `${action.netns === undefined ? '' : `${action.netns}: `}sysctl ${action.key}=${action.value}`;
  if (action.op === 'netns-add' || action.op === 'netns-delete') return `${action.op} ${action.name}`;
  const at = 'netns' in action && action.netns !== undefined ? `${action.netns}: ` : '';
  if (action.op === 'tc') return tcCommands(action).map((args) => `${at}tc ${args.join(' ')}`);
  if (action.op === 'ethtool') return `${at}ethtool ${action.args.join(' ')}`;
  if (action.op === 'file') return JSON.parse(JSON.stringify(action.file));
  return JSON.parse(JSON.stringify(action));
}

function shortSteps(plan: Plan): unknown[] {
  return plan.steps.map((step) => ({
    object: step.object,
    do: short(step.action),
    undo: step.undo.map(short),
    ...(step.part === undefined ? {} : { part: step.part }),
    ...(step.removes ? { removes: true } : {}),
  }));
}

function refText(ref: ObjectRef): string {
  return `${ref.kind} ${ref.kind === 'link' && ref.netns !== undefined ? `${ref.netns}/` : ''}${ref.name}`;
}

function parsed(module: AnyModule, params: unknown): unknown {
  const outcome = module.params.safeParse(params);
  if (outcome.success) return outcome.data;
  const summary = outcome.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n');
  throw new OrchError({ code: 'invalid-parameter', summary });
}

async function planned(module: AnyModule, test: Case): Promise<void> {
  if (module.form !== 'converge') return;
  const params = parsed(module, test.params);
  const current = await module.read(params, fakeHost(test.host));
  const plan = module.plan(params, current);
  const changed = plan.steps.filter(({ undo, removes }) => undo.length > 0 && !removes).map(({ object }) => object);
  if (changed.length > 0) expect(changed).toContainEqual(expect.toBeOneOf([...module.objects(params, current)]));
  if (test.objects !== undefined) expect(module.objects(params, current)).toEqual(test.objects);
  if (test.makes !== undefined) expect((module.makes?.(params) ?? []).map(refText)).toEqual(test.makes);
  if (test.steps === undefined) throw new Error('the case must say its steps');
  expect(shortSteps(plan)).toEqual(test.steps);
  // A task that had to wait looks once more before it acts.
  const behind = module.plan(params, await module.read(params, fakeHost(test.host), current));
  expect(shortSteps(behind)).toEqual(test.steps);
  expect((plan.asides ?? []).map(short)).toEqual(test.asides);
  expect(plan.warnings ?? []).toEqual(test.warnings);
  if (test.result !== undefined) expect(plain(plan.result)).toEqual(test.result);
  if (test.before !== undefined) expect(plain(plan.before)).toEqual(test.before);
  if (test.wanted !== undefined) expect(plain(plan.after)).toEqual(test.wanted);
  if (plan.steps.length === 0) expect(plain(plan.before)).toEqual(plain(plan.after));
  if (test.after === undefined) return;
  const again = module.plan(params, await module.read(params, fakeHost(test.after), current, true));
  expect(shortSteps({ ...again, steps: again.steps.filter(({ mayStay }) => !mayStay) })).toEqual([]);
}

async function ran(module: AnyModule, test: Case): Promise<void> {
  if (module.form !== 'run') return;
  const applied: unknown[] = [];
  const apply = async (action: Action) => void applied.push(short(action));
  const context = { signal: new AbortController().signal, check: test.check, output: () => {}, apply };
  const outcome = await module.run(parsed(module, test.params), fakeHost(test.host), context);
  expect(applied).toEqual(test.applied);
  expect(plain(outcome.result)).toMatchObject(test.result ?? {});
  expect(outcome.changed).toBe(test.changed ?? false);
  expect(outcome.failed ?? false).toBe(test.failed ?? false);
  if (test.skipped !== undefined) expect(outcome.skipped ?? false).toBe(test.skipped);
  expect(outcome.warnings ?? []).toEqual(test.warnings);
  if (test.message !== undefined) expect(outcome.message).toContain(test.message);
  if (outcome.plan !== undefined) expect(shortSteps(outcome.plan)).toEqual(test.steps);
}

function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

async function check(module: AnyModule, test: Case): Promise<void> {
  const run = () => (module.form === 'converge' ? planned(module, test) : ran(module, test));
  if (test.error === undefined) return run();
  const failure: unknown = await run().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(failure instanceof OrchError)) throw failure ?? new Error('the task was expected to fail');
  expect(failure.code).toBe(test.error.code);
  if (test.error.result) expect(failure.result).toEqual(test.error.result);
  for (const words of test.error.says)
    expect(`${failure.summary}\n${failure.detail}\n${failure.hint}`).toContain(words);
}

function casesOf(name: string): string[] {
  return readdirSync(join(folder, name))
    .filter((file) => file.endsWith('.yml'))
    .map((file) => file.slice(0, -4));
}

describe('modules', () => {
  const folders = foldersIn(folder);

  it('have a folder of cases each', () => {
    expect(folders.sort()).toEqual([...registry.keys()].sort());
  });

  it.each(converging)('%s has the five cases', (name) => {
    expect(casesOf(name)).toEqual(expect.arrayContaining(['create', 'unchanged', 'drift', 'absent', 'invalid']));
  });

  for (const module of registry.values()) {
    describe(module.name, () => {
      it.each(module.examples)('its example is valid: %s', (example) => {
        const task = parse(example, { version: '1.1' }) as Record<string, unknown>;
        expect(Object.keys(task)).toEqual([module.name]);
        const args = task[module.name];
        const params = typeof args === 'string' && module.freeForm ? { [module.freeForm]: args } : (args ?? {});
        const once = parsed(module, params);
        expect(parsed(module, once)).toEqual(once);
      });

      it.each(casesOf(module.name))('%s', async (name) => {
        const source = readFileSync(join(folder, module.name, `${name}.yml`), 'utf8');
        await check(module, caseFile.parse(parse(source)));
      });
    });
  }
});
