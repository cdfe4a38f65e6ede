import type { Located } from '../../source/located.ts';
import { placeOf } from '../../source/origins.ts';
import { canonicalName } from '../catalog/catalog.ts';
import { collectionsFor } from '../catalog/collections.ts';
import { keywords, loopKeywords } from '../keywords/keywords.ts';
import type { Become, Common, Loop } from '../types.ts';
import { describe } from '../values/describe.ts';
import { isTemplate } from '../values/template-check.ts';
import type { Context } from './context.ts';
import { Fields, isMappingAt, type Mapping, withoutOwner } from './fields.ts';

export function parseBecome(fields: Fields): Become {
  return { become: fields.flag('become'), user: fields.text('become_user') };
}

const connections: ReadonlySet<string> = new Set(['local', 'ssh', 'smart', 'paramiko', 'paramiko_ssh']);

/** `connection`, without Ansible's own prefix. */
export function parseConnection(fields: Fields, context: Context): Located<string> | undefined {
  const field = fields.text('connection');
  if (!field || isTemplate(field.value)) return field;
  const value = canonicalName(field.value);
  if (!connections.has(value)) {
    context.error(field, { summary: `"connection" must be ssh or local, not ${describe(field.value)}` });
  }
  return { ...field, value };
}

/** The place of a play, block or task with what its `collections` says. */
export function withCollections(fields: Fields, context: Context): Context {
  const collections = fields.words('collections').filter((name) => /^\w+\.\w+$/.test(name));
  return collections.length === 0 ? context : context.with(collectionsFor(context.file, collections));
}

/** There is none: what says so is taken. */
export function refuseDebugger(fields: Fields, context: Context): void {
  const field = fields.text('debugger');
  if (!field || field.value === 'never') return;
  const hint = 'run with -vv, or put a debug task behind what fails';
  context.error(field, { code: 'unknown-keyword', part: 'key', summary: 'orch does not support "debugger"', hint });
}

/** Only what may be notified listens. */
export function refuseListening(fields: Fields, context: Context): void {
  if (context.scene.handlers === undefined && fields.field('listen'))
    fields.refuse('listen', keywords.task, 'a task', 'only handlers listen');
}

/** The keywords that tasks, blocks and includes share. */
export function parseCommon(mapping: Located<Mapping>, fields: Fields, context: Context): Common {
  refuseDebugger(fields, context);
  return {
    name: fields.title(),
    at: placeOf(mapping),
    when: fields.expressions('when'),
    tags: fields.tags(),
    vars: fields.vars(),
    become: parseBecome(fields),
    environment: fields.value('environment'),
    noLog: fields.flag('no_log'),
    ignoreErrors: fields.flag('ignore_errors'),
    ignoreUnreachable: fields.flag('ignore_unreachable'),
    delegateTo: fields.text('delegate_to'),
    connection: parseConnection(fields, context),
    remoteUser: fields.text('remote_user'),
    runOnce: fields.flag('run_once'),
    delegateFacts: fields.flag('delegate_facts'),
    anyErrorsFatal: fields.flag('any_errors_fatal'),
    throttle: fields.number('throttle'),
    notify: fields.field('notify')?.value === null ? [] : fields.texts('notify').filter(({ value }) => value !== ''),
    timeoutSeconds: fields.number('timeout'),
    checkMode: fields.flag('check_mode'),
    diff: fields.flag('diff'),
  };
}

function loopList(fields: Fields, context: Context): { items: Located; lookup: string | undefined } | undefined {
  const said = fields.value('loop');
  const loop = said?.value === null ? undefined : said;
  const [first, second] = Object.keys(fields.mapping).filter(
    (key) => loopKeywords.has(withoutOwner(key)) || fields.isOwnLoop(key),
  );
  const more = loop ? first : second;
  if (more !== undefined) {
    const at = fields.field(more);
    if (at) context.error(at, { part: 'key', summary: `a task has "loop" or "${more}", not both` });
  }
  if (loop) {
    // Where a failure is forgiven, the run finds it.
    if (!Array.isArray(loop.value) && !isTemplate(loop.value) && !context.scene.forgiven) {
      const summary = `"loop" must be a list or a template that gives one, not ${describe(loop.value)}`;
      const named = typeof loop.value === 'string' && /^[A-Za-z_][\w.]*$/.test(loop.value);
      context.error(loop, { summary, hint: named ? `for a variable write "{{ ${loop.value} }}"` : undefined });
    }
    return { items: loop, lookup: undefined };
  }
  const items = first === undefined ? undefined : fields.value(first);
  return items && { items, lookup: first && withoutOwner(first).slice('with_'.length) };
}

/** `loop` or `with_...`, with `loop_control`. */
export function parseLoop(fields: Fields, context: Context): Loop | undefined {
  const list = loopList(fields, context);
  const control = fields.field('loop_control');
  if (control && !isMappingAt(control)) context.error(control, { summary: '"loop_control" must be a mapping' });
  if (!list) return undefined;
  const settings = control && isMappingAt(control) ? new Fields(control, context) : undefined;
  settings?.refuseOthers(keywords.loopControl, 'loop_control');
  return {
    ...list,
    loopVar: settings?.variable('loop_var') ?? 'item',
    indexVar: settings?.variable('index_var'),
    label: settings?.value('label'),
    pauseSeconds: settings?.number('pause'),
    extended: settings?.flag('extended'),
    allItems: settings?.flag('extended_allitems'),
    breakWhen: settings?.field('break_when') && settings.expressions('break_when'),
  };
}
