import type { FilePlace } from '../../../proto/errors.ts';
import type { Located } from '../../source/located.ts';
import { items, joinedText, placeOf } from '../../source/origins.ts';
import { keywords } from '../keywords/keywords.ts';
import { noKeywords } from '../keywords/no-keywords.ts';
import { anyEntry } from '../plays/any-entry.ts';
import { eachHandler } from '../plays/each-handler.ts';
import { ownTask } from '../plays/own-task.ts';
import { orderNamed, percentage, serialSizes, strategyNamed } from '../plays/play-values.ts';
import {
  type Common,
  type Entry,
  type HostOrder,
  hostOrders,
  type LoadedRole,
  type Play,
  type PlayTemplates,
  type Task,
  type VarsFile,
} from '../types.ts';
import { describe, orList } from '../values/describe.ts';
import { isTemplate, templateErrors } from '../values/template-check.ts';
import type { Context } from './context.ts';
import { Fields, type Mapping } from './fields.ts';
import { gathering, gatheringArgs } from './gathering.ts';
import { withCommas } from './host-terms.ts';
import { withModuleDefaults } from './module-defaults.ts';
import { parseBecome, parseConnection, refuseDebugger, withCollections } from './parse-common.ts';
import { parseEntries, parseTaskText } from './parse-entries.ts';
import { parsePrompts } from './parse-prompts.ts';
import { findRole, loadRole } from './parse-role.ts';
import { roleRequest } from './role-request.ts';
import { parseVarsFileText } from './vars-file.ts';

function parseHosts(mapping: Located<Mapping>, fields: Fields, context: Context): Located<string> {
  const field = fields.field('hosts');
  if (!field) {
    context.error(mapping, { summary: "The field 'hosts' is required but was not set.", hint: 'add "hosts:"' });
    return { ...mapping, value: '' };
  }
  if (field.value === null || field.value === '' || (Array.isArray(field.value) && field.value.length === 0)) {
    context.error(field, { summary: 'Hosts list cannot be empty. Please check your playbook' });
    return { ...field, value: '' };
  }
  const [first, ...more] = fields.texts('hosts');
  if (!first) return { ...field, value: '' };
  if (more.length === 0) return first;
  const each = ({ value, ...at }: Located<string>) => ({ ...at, value: withCommas(value) });
  return joinedText([each(first), ...more.map(each)], ',');
}

/** Who logs in; `user` is the older name. */
function parseUser(fields: Fields, context: Context): Play['remoteUser'] {
  const [remoteUser, user] = [fields.text('remote_user'), fields.text('user')];
  if (remoteUser && user) context.error(user, { summary: 'both "user" and "remote_user" are set for this play' });
  return remoteUser ?? user;
}

/** Keywords of a play that may be templates, which get their values as it begins. */
const templated = [
  ...(['name', 'serial', 'strategy', 'any_errors_fatal', 'max_fail_percentage'] as const),
  ...(['force_handlers', 'order'] as const),
];

function parseTemplates(fields: Fields): PlayTemplates {
  return Object.fromEntries(
    templated.flatMap((key) => {
      const field = fields.value(key);
      return field && hasTemplate(field.value) ? [[key, field]] : [];
    }),
  );
}

function hasTemplate(value: unknown): boolean {
  return Array.isArray(value) ? value.some(hasTemplate) : isTemplate(value);
}

function parseSerial(fields: Fields, context: Context): Play['serial'] {
  const field = fields.field('serial');
  if (!field || hasTemplate(field.value)) return [];
  const sizes = serialSizes(field.value);
  if (sizes) return sizes;
  const list = Array.isArray(field.value) ? items({ ...field, value: field.value }) : [field];
  for (const item of list) {
    if (serialSizes(item.value)) continue;
    context.error(item, { summary: `"serial" must be a number of hosts or a percentage, not ${describe(item.value)}` });
  }
  return [];
}

/** `any_errors_fatal` promises that no host goes on past another one's failure: only in step can that be kept. */
function parseStrategy(fields: Fields, entries: readonly Entry[], context: Context): Play['strategy'] {
  const field = fields.field('strategy');
  const { playDefaults } = context.deps;
  if (!field || isTemplate(field.value)) {
    const together = inStep(fields) || playDefaults?.anyErrorsFatal || anyEntry(entries, isFatal);
    return playDefaults?.strategy ?? (together ? 'linear' : undefined);
  }
  const strategy = strategyNamed(field.value);
  if (strategy) return strategy;
  context.error(field, { summary: `"strategy" must be free, linear or host_pinned, not ${describe(field.value)}` });
  return undefined;
}

function parseAround(mapping: Located<Mapping>, fields: Fields): Common[] {
  const said = {
    checkMode: fields.flag('check_mode'),
    diff: fields.flag('diff'),
    noLog: fields.flag('no_log'),
    ignoreErrors: fields.flag('ignore_errors'),
    ignoreUnreachable: fields.flag('ignore_unreachable'),
    runOnce: fields.flag('run_once'),
    throttle: fields.number('throttle'),
    timeoutSeconds: fields.number('timeout'),
  };
  const none = Object.values(said).every((value) => value === undefined);
  return none ? [] : [{ ...noKeywords(placeOf(mapping)), ...said }];
}

function isFatal({ anyErrorsFatal }: Entry): boolean {
  return anyErrorsFatal !== undefined && anyErrorsFatal.value !== false;
}

function inStep(fields: Fields): boolean {
  const fatal = fields.flag('any_errors_fatal');
  return (fatal !== undefined && fatal.value !== false) || fields.field('max_fail_percentage') !== undefined;
}

function booleanOf(field: Located | undefined): boolean | undefined {
  return typeof field?.value === 'boolean' ? field.value : undefined;
}

function parsePercentage(fields: Fields, context: Context): number | undefined {
  const field = fields.value('max_fail_percentage');
  if (!field || field.value === null || isTemplate(field.value)) return undefined;
  const said = percentage(field.value);
  if (said === undefined)
    context.error(field, { summary: `"max_fail_percentage" must be a number from 0, not ${describe(field.value)}` });
  return said;
}

function parseOrder(fields: Fields, context: Context): HostOrder | undefined {
  const field = fields.text('order');
  if (!field || isTemplate(field.value)) return undefined;
  const order = orderNamed(field.value);
  if (!order) context.error(field, { summary: `"order" must be ${orList(hostOrders)}, not ${describe(field.value)}` });
  return order;
}

/** Reads every vars file whose name is known already, so that a missing one is found before any host is contacted. */
function parseVarsFile(item: Located, context: Context): VarsFile[] {
  const names = Array.isArray(item.value) ? items({ ...item, value: item.value }) : [item];
  const written = names.flatMap((name): Located<string>[] => {
    context.errors.push(...templateErrors(name));
    if (typeof name.value === 'string') return [{ ...name, value: name.value }];
    context.error(name, { summary: `"vars_files" must name files, not ${describe(name.value)}` });
    return [];
  });
  // Of several the first that is there is taken: what stands behind a template only the run can know.
  const known = written.findIndex(({ value }) => isTemplate(value) || context.exists(context.find(value, 'vars')));
  const [first, ...others] = known < 0 ? written : written.slice(known);
  if (!first) return [];
  const { standing } = context;
  if (isTemplate(first.value)) return [{ ...first, others, standing, vars: undefined }];
  const file = context.find(first.value, 'vars');
  const text = context.read(file, first);
  if (text === undefined) return [];
  const { vars, errors } = parseVarsFileText(text, file);
  context.errors.push(...errors);
  return [{ ...first, others: [], standing, vars }];
}

function parseVarsFiles(fields: Fields, context: Context): VarsFile[] {
  const field = fields.field('vars_files');
  if (!field || field.value === null) return [];
  const list = Array.isArray(field.value) ? items({ ...field, value: field.value }) : [field];
  return list.flatMap((item) => parseVarsFile(item, context));
}

export interface ParsedPlay {
  readonly play: Play;
  readonly lab: Located<string> | undefined;
}

/** The plugins of a play's roles are there for all of it, also for what is read before them. */
function meetPlugins(mapping: Located<Mapping>, context: Context): void {
  const { roles } = mapping.value;
  // What is wrong with them is told when they are read.
  const apart = context.apart([]);
  const quiet = apart.knowing(new Fields(mapping, apart).vars());
  const named = Array.isArray(roles) ? items({ ...mapping, value: roles, path: [...mapping.path, 'roles'] }) : [];
  for (const item of named) {
    const name = roleRequest(item, quiet)?.name;
    const path = name && findRole(quiet.known(name), quiet);
    if (path !== undefined) context.deps.meetPlugins?.(path);
  }
}

/** The roles of a play, each once unless it may run again. */
function parseRoles(fields: Fields, context: Context): LoadedRole[] {
  return fields.list('roles').flatMap((item) => {
    const request = roleRequest(item, context);
    const role = request && loadRole({ ...request, once: true }, context, parseTaskText);
    if (!role) return [];
    context.join(role);
    return [role];
  });
}

/** Runs the handlers that were notified, between the parts of a play. */
function flush(at: FilePlace): Task {
  return { ...ownTask('meta', noKeywords(at), { free_form: 'flush_handlers' }), tags: ['always'], implicit: true };
}

interface Parts {
  readonly entries: readonly Entry[];
  /** How many of the roles that joined the play are those of `roles`: they come first. */
  readonly ownRoles: number;
  readonly endsWithPostTasks?: boolean;
}

/** `pre_tasks`, roles, `tasks` and `post_tasks`, with handlers between them as in Ansible. */
function parseParts(mapping: Located<Mapping>, fields: Fields, context: Context): Parts {
  // In the order in which they run: what stands behind a role sees its modules.
  const before = parseEntries(fields.list('pre_tasks'), context);
  const joined = context.scene.roles;
  const imported = joined.length;
  const roles = parseRoles(fields, context);
  // Of variables that several have those of the later role count; after the play's own come those that they import, and that tasks do.
  const met = joined.splice(imported);
  const own = met.filter((role) => roles.includes(role));
  joined.unshift(...own, ...met.filter((role) => !own.includes(role)));
  const tasks = parseEntries(fields.list('tasks'), context);
  const after = parseEntries(fields.list('post_tasks'), context);
  const between = flush(placeOf(mapping));
  const entries = [
    ...(before.length > 0 ? [...before, between] : []),
    ...roles.map(({ block }) => block),
    ...tasks,
    ...(after.length > 0 ? [between, ...after] : []),
  ];
  return { entries, ownRoles: own.length, ...(after.length > 0 ? { endsWithPostTasks: true } : {}) };
}

export function parsePlay(mapping: Located<Mapping>, around: Context): ParsedPlay {
  const fields = new Fields(mapping, around);
  const forgiven = (fields.flag('ignore_errors')?.value ?? false) !== false;
  const context = withCollections(fields, withModuleDefaults(fields, around)).with({ roles: [], forgiven });
  fields.refuseOthers(keywords.play, 'a play');
  refuseDebugger(fields, context);
  meetPlugins(mapping, context);
  const varsFiles = parseVarsFiles(fields, context);
  const vars = fields.vars();
  const inside = context.knowing(vars, ...varsFiles.flatMap(({ vars }) => vars ?? []));
  const { entries, ownRoles, ...ending } = parseParts(mapping, fields, inside);
  const play: Omit<Play, 'roles'> = {
    ...ending,
    name: fields.title()?.value,
    templates: parseTemplates(fields),
    at: placeOf(mapping),
    dir: context.scene.playbookDir,
    hosts: parseHosts(mapping, fields, context),
    vars,
    varsFiles,
    prompts: parsePrompts(fields, context),
    gatheringArgs: gatheringArgs(mapping, fields, context),
    gatherFacts: gathering(fields) ?? context.deps.playDefaults?.gatherFacts,
    gatherOnce: context.deps.playDefaults?.gatherOnce,
    serial: parseSerial(fields, context),
    strategy: parseStrategy(fields, entries, context),
    become: parseBecome(fields),
    connection: parseConnection(fields, context),
    remoteUser: parseUser(fields, context),
    port: fields.number('port'),
    environment: fields.value('environment'),
    anyErrorsFatal: booleanOf(fields.flag('any_errors_fatal')) ?? context.deps.playDefaults?.anyErrorsFatal ?? false,
    maxFailPercentage: parsePercentage(fields, context),
    forceHandlers: booleanOf(fields.flag('force_handlers')),
    order: parseOrder(fields, context),
    around: parseAround(mapping, fields),
    persist: fields.boolean('persist') ?? false,
    tags: fields.tags(),
    entries,
    handlers: parseEntries(fields.list('handlers'), inside.with({ handlers: 'list' })).flatMap(eachHandler),
  };
  const { roles } = context.scene;
  const of = (some: typeof roles) => some.flatMap(({ handlers }) => handlers);
  // Those of roles that something imports come behind the play's own.
  const handlers = new Set([...of(roles.slice(0, ownRoles)), ...play.handlers, ...of(roles.slice(ownRoles))]);
  const whole = { ...play, handlers: [...handlers], roles: roles.map(({ use }) => use) };
  return { play: whole, lab: fields.text('lab') };
}
