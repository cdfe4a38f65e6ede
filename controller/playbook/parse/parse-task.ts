import { OrchError } from '../../../proto/errors.ts';
import type { Located } from '../../source/located.ts';
import { child, composed, items, partOrigin } from '../../source/origins.ts';
import { didYouMean } from '../../template/suggest.ts';
import { insteadOf, notResolved } from '../catalog/absent-modules.ts';
import { type CatalogEntry, canonicalName } from '../catalog/catalog.ts';
import { fullName, isForOthers } from '../catalog/custom-modules.ts';
import { foreignKeywords, keywords } from '../keywords/keywords.ts';
import { locatedAt } from '../plays/own-task.ts';
import type { Common, Task, TaskArgs } from '../types.ts';
import { checkParams } from '../values/check-params.ts';
import { parameterNames } from '../values/schema.ts';
import { expressionErrors, templateErrors } from '../values/template-check.ts';
import { type ChosenAction, chosenAction } from './chosen-action.ts';
import type { Context, NamedModule } from './context.ts';
import { checkName, Fields, isMappingAt, type Mapping, withoutOwner } from './fields.ts';
import { partsOf, withDefaults, withModuleDefaults } from './module-defaults.ts';
import { parseCommon, parseLoop, refuseListening, withCollections } from './parse-common.ts';
import { ownName, taskArgs } from './task-args.ts';

interface Named extends NamedModule {
  readonly key: string;
  /** The module's name as it is written. */
  readonly calledAs: string;
  /** Its parameters as they are written. */
  readonly written: Located;
  /** More of them, beside a `module` whose text has some; those in the text win. */
  readonly beside?: Located<Mapping>;
}

/** `action: MODULE key=value` or `action: {module: MODULE, ...}`: the module, and its parameters. */
function actionOf(key: string, action: Located, context: Context): Named | undefined {
  const { value } = action;
  if (isMappingAt(action)) {
    const { module } = action.value;
    const beside = besideModule(action);
    const words = child(action, 'module');
    const found = typeof module === 'string' && /\S\s+\S/.test(module) && words && actionOf(key, words, context);
    if (found) return Object.keys(beside.value).length === 0 ? found : { ...found, beside };
    const named = moduleNamed(typeof module === 'string' ? module : '', action, context);
    return named && { key, calledAs: String(module), ...named, written: beside };
  }
  const text = typeof value === 'string' ? value.trim().replace(/^module=/, '') : '';
  const [name = ''] = text.split(/\s/);
  const found = moduleNamed(name, action, context);
  if (!found) return undefined;
  const rest = text.slice(name.length).trim();
  const start = String(value).indexOf(rest, String(value).indexOf(name) + name.length);
  const located = { ...action, value: String(value) };
  return {
    key,
    calledAs: name,
    ...found,
    written: { value: rest === '' ? null : rest, origin: partOrigin(located, start), path: [] },
  };
}

/** What stands beside an action's `module`; its own `args` win over the rest. */
function besideModule(action: Located<Mapping>): Located<Mapping> {
  const { module: _, ...rest } = action.value;
  const inner = child(action, 'args');
  if (!inner || !isMappingAt(inner)) return { ...action, value: rest };
  const { args: __, ...others } = rest;
  return composed(new Map([...partsOf({ ...action, value: others }), ...partsOf(inner)]), action);
}

function moduleNamed(name: string, at: Located, context: Context): NamedModule | undefined {
  const { catalog } = context.deps;
  const found = context.module(name);
  if (found) return found;
  const summary = name === '' ? 'an action must name a module' : notResolved(name);
  const near = didYouMean(withoutCollection(name), catalog.keys());
  const hint = insteadOf.get(canonicalName(name)) ?? near ?? (name === '' ? undefined : whereToLook(name));
  context.error(at, { code: 'unknown-module', summary, hint });
  return undefined;
}

/** For a name that is like none. */
function whereToLook(name: string): string {
  const [, collection] = /^(\w+\.\w+)\.\w/.exec(name) ?? [];
  if (collection === undefined || /^ansible\.(builtin|legacy)$/.test(collection)) return '"orch doc" lists the modules';
  return `is its collection in collections/ beside the playbook, or on collections_path? ansible-galaxy collection install ${collection}`;
}

/** The last part of a fully qualified name: what somebody mistyped has no collection to stand in. */
function withoutCollection(name: string): string {
  return name.replace(/^\w+\.\w+\./, '');
}

/** The one key of a task that names its module; what else is no keyword is reported. */
function moduleOf(mapping: Located<Mapping>, fields: Fields, context: Context): Named | undefined {
  const { catalog } = context.deps;
  const others = Object.keys(mapping.value).filter(
    (key) => !keywords.task.has(withoutOwner(key)) && !fields.isOwnLoop(key),
  );
  const [action, another] = ['action', 'local_action'].filter((key) => Object.hasOwn(mapping.value, key));
  if (action !== undefined) {
    const twice = another === undefined ? undefined : child(mapping, another);
    if (twice) context.error(twice, { part: 'key', summary: 'action and local_action are mutually exclusive' });
    const said = child(mapping, action);
    const named = said && actionOf(action, said, context);
    for (const key of others) fields.refuse(key, keywords.task, 'a task', undefined, named?.calledAs);
    return named;
  }
  const known = others.flatMap((key) => {
    const found = context.module(key);
    const written = child(mapping, key);
    return found && written ? [{ key, calledAs: key, ...found, written }] : [];
  });
  const [first, second] = known;
  if (first && second) {
    const at = child(mapping, second.key) ?? mapping;
    context.error(at, {
      part: 'key',
      summary: `conflicting action statements: ${first.key}, ${second.key}`,
      hint: 'a task runs one module: is a "- " missing before the second?',
    });
    return undefined;
  }
  const unknown = others.filter((key) => key !== first?.key);
  for (const key of unknown) {
    const keyword = didYouMean(key, keywords.task);
    const module = didYouMean(withoutCollection(key), catalog.keys());
    if (first || foreignKeywords.has(key) || (unknown.length > 1 && keyword && !module)) {
      const inner = first && [...parameterNames(first.entry.params), ...Object.keys(first.entry.aliases ?? {})];
      const hint = inner?.includes(key) ? `indent it, so that it stands below "${first?.key}:"` : undefined;
      fields.refuse(key, keywords.task, 'a task', hint, first?.key);
      continue;
    }
    context.error(child(mapping, key) ?? mapping, {
      part: 'key',
      code: 'unknown-module',
      summary: notResolved(key),
      hint: insteadOf.get(canonicalName(key)) ?? module ?? keyword ?? whereToLook(key),
    });
  }
  if (others.length === 0) context.error(mapping, { summary: 'no module/action detected in task.' });
  return first;
}

/** Checks what can be checked before any variable is known. */
function checkArgs({ args, moreArgs: more }: TaskArgs, entry: CatalogEntry, context: Context): void {
  for (const each of more ?? []) context.faults(templateErrors(each));
  for (const [key, value] of Object.entries(args.value)) {
    const located = { ...args, value, path: [...args.path, key] };
    if (!entry.raw?.includes(key)) context.faults(templateErrors(located));
    else if (typeof value === 'string') context.faults(expressionErrors({ ...located, value }));
    else if (Array.isArray(value)) {
      for (const item of items({ ...located, value })) {
        if (typeof item.value === 'string') context.faults(expressionErrors({ ...item, value: item.value }));
      }
    }
  }
  if (context.scene.forgiven) return;
  if (entry.name === 'set_fact') for (const [name, value] of partsOf(args)) checkName(name, value, context);
  // What is not said here may come from the template.
  if (!more) context.errors.push(...checkParams(entry, args.value, args).errors);
}

/** A task that leaves its module to a template; until that is known it stands for one that shows the template. */
function parseChoosing({ name, rest, written }: ChosenAction, around: Context): Task | undefined {
  const { args: _, ...keywords } = rest.value;
  const shown = parseTask({ ...rest, value: { ...keywords, debug: { msg: name.value } } }, around);
  const task = (module: string) => soleTask(written(module), module, around);
  return shown && { ...shown, calledAs: name.value, chooses: { name, task } };
}

/** A task that is parsed during the run. Throws OrchError for what is wrong with it. */
function soleTask(mapping: Located<Mapping>, module: string, around: Context): Task {
  const errors: OrchError[] = [];
  const parsed = parseTask(mapping, around.apart(errors));
  if (parsed && errors.length === 0) return parsed;
  throw errors[0] ?? new OrchError({ code: 'unknown-module', summary: notResolved(module) });
}

export function parseTask(mapping: Located<Mapping>, around: Context): Task | undefined {
  const choice = chosenAction(mapping);
  if (choice) return parseChoosing(choice, around);
  const here = (mapping.value.ignore_errors ?? false) === false ? around : around.with({ forgiven: true });
  const fields = new Fields(mapping, here);
  const context = withCollections(fields, here);
  const common = parseCommon(mapping, fields, context);
  refuseListening(fields, context);
  const loop = parseLoop(fields, context);
  /** An empty list says nothing, as in Ansible. */
  const conditions = (key: string) => {
    const list = fields.expressions(key);
    return list.length > 0 ? list : undefined;
  };
  const rest = {
    register: fields.variable('register', 'never'),
    listen: fields.texts('listen').map(({ value }) => value),
    changedWhen: conditions('changed_when'),
    failedWhen: conditions('failed_when'),
    until: conditions('until'),
    retries: fields.number('retries'),
    delaySeconds: fields.number('delay'),
    asyncSeconds: fields.number('async'),
    pollSeconds: fields.number('poll'),
  };
  const named = moduleOf(mapping, fields, context);
  if (!named) return undefined;
  const { custom } = named;
  const moduleTask = (module: string) =>
    soleTask({ ...mapping, value: { [module]: null } }, module, around.with({ forgiven: true, plain: true }));
  const problem = custom && context.deps.customProblem?.(custom);
  // Below a condition it may never be reached.
  const { bounded } = context.under(common.when).scene;
  if (custom && problem !== undefined && !(bounded && isForOthers(custom))) {
    context.error(named.written, { part: 'key', code: 'unknown-module', summary: `${custom.file} ${problem}` });
    return undefined;
  }
  const said = taskArgs(named, fields.filled('args'), context);
  if (!said) return undefined;
  const { moduleDefaults } = withModuleDefaults(fields, context).scene;
  const called = { module: fullName(named.entry.name, custom), calledAs: named.calledAs };
  const { args, moreArgs } = withDefaults(said, called, moduleDefaults, (name) => ownName(name, named.entry));
  checkArgs({ args, moreArgs }, named.entry, context);
  if (named.entry.name === 'meta' && args.value.free_form === 'end_role' && context.scene.rolePath === undefined) {
    context.error(args, {
      summary: 'end_role ends the role around it, and there is none here',
      hint: 'end_host ends the play for this host',
    });
  }
  if (
    named.entry.name === 'meta' &&
    args.value.free_form === 'flush_handlers' &&
    context.scene.handlers !== undefined
  ) {
    context.error(args, { summary: 'flush_handlers cannot be used as a handler' });
  }
  const local = named.key === 'local_action' ? onWorkstation(common) : {};
  const calledAs = named.calledAs === named.entry.name ? undefined : named.calledAs;
  return {
    kind: 'task',
    ...common,
    ...local,
    loop,
    ...rest,
    module: named.entry.name,
    calledAs,
    custom,
    plugin: named.plugin === undefined ? undefined : { file: named.plugin, task: moduleTask },
    args,
    moreArgs,
  };
}

/** What `local_action` says beside its module. */
function onWorkstation({ at }: Common): Pick<Common, 'delegateTo' | 'connection'> {
  return { delegateTo: locatedAt(at, 'localhost'), connection: locatedAt(at, 'local') };
}
