import { OrchError } from '../../../proto/errors.ts';
import { catalog } from '../../catalog.ts';
import { settings } from '../../config/settings.ts';
import { customParams } from '../../custom/pack.ts';
import type { CatalogEntry } from '../../playbook/catalog/catalog.ts';
import { customEntry } from '../../playbook/catalog/custom-modules.ts';
import { isMappingAt } from '../../playbook/parse/fields.ts';
import { partsOf } from '../../playbook/parse/module-defaults.ts';
import { ownName } from '../../playbook/parse/task-args.ts';
import type { Task } from '../../playbook/types.ts';
import { checkParams } from '../../playbook/values/check-params.ts';
import { describe } from '../../playbook/values/describe.ts';
import { holdsTemplate, isTemplate } from '../../playbook/values/template-check.ts';
import type { Located } from '../../source/located.ts';
import { composed } from '../../source/origins.ts';
import { isDataMapping } from '../../template/python/atom.ts';
import { str } from '../../template/python/text.ts';
import { nearest } from './settings.ts';
import type { TaskRun } from './task-run.ts';
import type { TaskScope } from './task-scope.ts';

export type Params = Readonly<Record<string, unknown>>;

/** An argument of a task as it is written. */
interface Argument {
  readonly name: string;
  readonly value: Located;
  /** Not to be rendered. */
  readonly raw: boolean;
  /** Its name is a template, too. */
  readonly named: boolean;
  /** Names in it are. */
  readonly keyed: boolean;
}

const written = new WeakMap<Task, readonly Argument[]>();

/** Arguments are rendered for each item and host, and written once. */
function argumentsOf(task: Task): readonly Argument[] {
  const found = written.get(task) ?? readArguments(task);
  written.set(task, found);
  return found;
}

function readArguments(task: Task): readonly Argument[] {
  const { value: all, origin, path } = task.args;
  const raw = entryOf(task)?.raw ?? [];
  return Object.entries(all).map(([name, value]) => ({
    name,
    value: { value, origin, path: [...path, name] },
    raw: raw.includes(name),
    named: isTemplate(name),
    keyed: task.module === 'set_stats' && isDataMapping(value) && Object.keys(value).some(isTemplate),
  }));
}

/**
 * A task's arguments, or some of them by their names as written, rendered; those equal to `omit` are left out. Throws OrchError
 * or Pending.
 */
export function renderedParams(task: Task, scope: TaskScope, names?: readonly string[], ofShell = scope): Params {
  const params = moreParams(task, scope);
  for (const { name, value, raw, named, keyed } of argumentsOf(task)) {
    if (names && !names.includes(name)) continue;
    const text = (key: string) => str(scope.render({ ...value, value: key }));
    const result = raw ? value.value : scope.render(keyed ? withNames(value, text) : value);
    const own = named ? text(name) : name;
    // As in Ansible what is beneath is then left out, too.
    if (scope.isOmitted(result)) delete params[own];
    else params[own] = result;
  }
  if ((params.executable ?? null) === null) Object.assign(params, shellOf(task, ofShell));
  return params;
}

/** A mapping that a task writes, under the names that its templates give. */
function withNames(value: Located, text: (name: string) => string): Located {
  const inner = isMappingAt(value) ? partsOf(value) : [];
  return composed(new Map(inner.map(([name, part]) => [text(name), part])), value);
}

/** Says the shell of a host, or of tasks. */
export const shellVariable = 'ansible_shell_executable';

/** The shell of command lines that name none: the host's, which as in Ansible `raw` does not go by, or that of the settings. */
function shellOf({ module, custom }: Task, scope: TaskScope): Params {
  if (custom || (module !== 'shell' && module !== 'raw')) return {};
  const said = (module === 'shell' ? scope.variable(shellVariable) : undefined) ?? settings().executable;
  return said === undefined ? {} : { executable: said };
}

/** Parameters that templates give, or that stand beneath those. */
function moreParams(task: Task, scope: TaskScope): Record<string, unknown> {
  const params: Record<string, unknown> = {};
  for (const more of task.moreArgs ?? []) {
    const given: unknown = scope.render(more);
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      throw new OrchError({
        code: 'invalid-parameter',
        summary: `The parameters of "${task.module}" must be a mapping, not ${describe(given)}.`,
        where: more.origin.place(more.path),
      });
    }
    Object.assign(params, ownParams(task, given));
  }
  return params;
}

/** Parameters under the names that the module itself has for them. */
export function ownParams(task: Task, given: object): Record<string, unknown> {
  const entry = entryOf(task);
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [entry === undefined ? name : ownName(name, entry), value]),
  );
}

/** Which of these parameters may differ from item to item, by their names as written. */
export function differingParams({ args }: Task, among: ReadonlySet<string>): readonly string[] {
  const given = Object.entries(args.value);
  if (given.some(([name]) => isTemplate(name))) return given.map(([name]) => name);
  return given.flatMap(([name, value]) => (among.has(name) && holdsTemplate(value) ? name : []));
}

/** A task's rendered arguments, checked by the module's schema. `shown`: errors may show values. Throws OrchError. */
export function checked(task: Task, rendered: Params, shown: boolean) {
  const entry = entryOf(task);
  if (!entry) throw new OrchError({ code: 'unknown-module', summary: `no module "${task.module}"`, where: task.at });
  const result = checkParams(entry, rendered, task.args, { show: shown, rendered: true });
  const [first, ...more] = result.errors;
  if (!first) return result;
  throw new OrchError({
    code: first.code,
    summary: result.told ?? first.summary,
    detail: more.length > 0 ? more.map(({ summary }) => summary).join('\n') : undefined,
    hint: first.hint ?? `"orch doc ${task.module}" shows its parameters`,
    where: first.where,
  });
}

/**
 * What an agent is sent for one item: rendered, and in the types that the module takes; `ofShell` says which shell command lines
 * have. Throws OrchError or Pending.
 */
export function taskParams(run: TaskRun, scope: TaskScope, ofShell: TaskScope): Params {
  return sentParams(run, scope, renderedParams(run.task, scope, undefined, ofShell));
}

/** The same of arguments that were rendered. */
export function sentParams(run: TaskRun, scope: TaskScope, rendered: Params): Params {
  const { data } = checked(run.task, rendered, !run.settings.noLog);
  const { custom, module } = run.task;
  if (!custom) return data;
  const { check, diff, noLog } = run.settings;
  const { verbosity } = run.walk.play.run.options;
  return customParams(custom, {
    name: module,
    args: data,
    check,
    diff,
    noLog,
    verbosity,
    interpreter: (language) => interpreterOf(language, run, scope),
  });
}

/** The agent's module for a task. */
export function agentModule({ module, custom }: Task): string {
  return custom ? 'custom_module' : module;
}

/** What the parser knows of a task's module. */
function entryOf({ module, custom, plugin }: Task): CatalogEntry | undefined {
  return (custom ?? plugin) ? customEntry(module) : catalog.get(module);
}

/** What a variable of the task's host, or a setting, says that starts programs of a language; undefined: none, or it is to be looked for there. */
function interpreterOf(language: string, { chain }: TaskRun, scope: TaskScope): string | undefined {
  // Who does it may not have that one.
  if (nearest(chain, 'delegateTo')) return undefined;
  const own = scope.variable(`ansible_${language}_interpreter`);
  const said = own ?? (language === 'python' ? settings().interpreterPython : undefined);
  return typeof said === 'string' && !/^auto(?:_|$)/.test(said) ? said : undefined;
}

/** What a task asks of its module, whatever hides it. Throws OrchError or Pending; nobody may be shown why. */
export function hiddenParams(task: Task, scope: TaskScope): Params | undefined {
  return checked(task, renderedParams(task, scope), false).params;
}

/** What an action gets for one item: as its schema has it, defaults filled in. Throws OrchError or Pending. */
export function actionParams(run: TaskRun, scope: TaskScope): unknown {
  return checked(run.task, renderedParams(run.task, scope), !run.settings.noLog).params;
}
