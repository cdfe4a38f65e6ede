import type { ErrorCode, OrchError } from '../../../proto/errors.ts';
import type { Located } from '../../source/located.ts';
import { child, composed, partOrigin } from '../../source/origins.ts';
import { canonicalName } from '../catalog/catalog.ts';
import { keywords } from '../keywords/keywords.ts';
import type { Block, Common, Entry, Include, RoleFiles } from '../types.ts';
import { keyValues } from '../values/key-value.ts';
import { isTemplate } from '../values/template-check.ts';
import type { Context } from './context.ts';
import { Fields, isMappingAt, type Mapping } from './fields.ts';
import { partsOf, withModuleDefaults } from './module-defaults.ts';
import { parseCommon, parseLoop, refuseListening, withCollections } from './parse-common.ts';
import { loadRole, type ParseTasks, withImported } from './parse-role.ts';

/** Keys that name a file or role whose tasks stand here. */
export const includeKeys = ['include_tasks', 'import_tasks', 'include_role', 'import_role'] as const;

/** Reports a file that is being read already. True when it is one. */
export function isCycle(file: string, named: Located, context: Context): boolean {
  const first = context.chain.indexOf(file);
  if (first < 0) return false;
  context.error(named, {
    code: 'include-cycle',
    summary: `"${file}" includes itself`,
    detail: [...context.chain.slice(first), file].join(' -> '),
  });
  return true;
}

interface Named {
  readonly file: Located<string>;
  readonly ofRole: RoleFiles | undefined;
  readonly apply: Common | undefined;
  /** Where the tasks that it brings stand. */
  readonly inside: Context;
}

/** What is written as the value of an include: a mapping, `key=value`, or the option `first` alone. */
function optionsIn(written: Located, first: string): (readonly [string, Located])[] {
  if (isMappingAt(written)) return partsOf(written);
  const { value } = written;
  if (typeof value !== 'string') return [];
  const pairs = keyValues(value) ?? [];
  // The name of a file may have a `=`.
  if (pairs.length === 0 || (first === 'file' && pairs[0]?.key !== first)) return [[first, written]];
  return pairs.map(({ key, value: said, start }) => {
    return [key, { value: said, origin: partOrigin({ ...written, value }, start), path: [] }];
  });
}

/** All that an include says, in its value and in `args`, which yields. */
function optionsOf(mapping: Located<Mapping>, key: string, first: string): Located<Mapping> {
  const args = child(mapping, 'args');
  const written = child(mapping, key) ?? mapping;
  return composed(
    new Map([...(args && isMappingAt(args) ? partsOf(args) : []), ...optionsIn(written, first)]),
    written,
  );
}

/** Its `collections` are for the tasks of a file: as in Ansible a role is not found by them, and has its own. */
function parseApply(fields: Fields, context: Context, ofRole: boolean): Pick<Named, 'apply' | 'inside'> {
  const apply = fields.field('apply');
  if (!apply || !isMappingAt(apply)) return { apply: undefined, inside: context };
  const inner = new Fields(apply, context);
  inner.refuseOthers(keywords.apply, '"apply"');
  const withDefaults = withModuleDefaults(inner, context);
  const inside = ofRole ? withDefaults : withCollections(inner, withDefaults);
  return { apply: parseCommon(apply, inner, context), inside };
}

/** What is imported has its keywords from the import itself: only an include applies some. */
function refuseOptions(fields: Fields, known: readonly string[], what: string, context: Context): void {
  const imports = what.startsWith('import');
  const apply = imports ? fields.field('apply') : undefined;
  if (apply) context.error(apply, { part: 'key', summary: `Invalid options for ${what}: apply` });
  fields.refuseOthers(new Set([...known, 'apply']), imports ? 'an import' : 'an include');
}

/** `include_tasks: FILE`, or options `file` and `apply`. */
function includedFile(options: Located<Mapping>, context: Context, what: string): Named | undefined {
  const fields = new Fields(options, context);
  refuseOptions(fields, ['file', '_raw_params'], what, context);
  const file = fields.text('file') ?? fields.text('_raw_params');
  if (file) return { file, ofRole: undefined, ...parseApply(fields, context, false) };
  context.error(options, { summary: 'an include must name a file' });
  return undefined;
}

const roleOptions = [
  ...['name', 'role', 'tasks_from', 'vars_from', 'defaults_from', 'handlers_from'],
  ...['public', 'allow_duplicates', 'rolespec_validate'],
];

function includedRole(options: Located<Mapping>, context: Context, what: string): Named | undefined {
  const fields = new Fields(options, context);
  refuseOptions(fields, roleOptions, what, context);
  const file = fields.text('name') ?? fields.text('role');
  const ofRole: RoleFiles = {
    tasks: fields.text('tasks_from'),
    vars: fields.text('vars_from'),
    defaults: fields.text('defaults_from'),
    handlers: fields.text('handlers_from'),
    public: fields.boolean('public') ?? !(context.deps.privateRoleVars ?? what.startsWith('include')),
    allowDuplicates: fields.boolean('allow_duplicates') ?? true,
    unchecked: fields.boolean('rolespec_validate') === false,
  };
  if (file) return { file, ofRole, ...parseApply(fields, context, true) };
  context.error(options, { summary: 'an included role must have a name' });
  return undefined;
}

/** The include, import or role that one key of an entry names. `parse`: reads the text of a file of tasks. */
export function parseIncluding(
  mapping: Located<Mapping>,
  key: string,
  around: Context,
  parse: ParseTasks,
): Include | Block | undefined {
  const what = canonicalName(key);
  const fields = new Fields(mapping, around);
  const context = withCollections(fields, withModuleDefaults(fields, around));
  const imports = what.startsWith('import');
  if (imports) fields.refuseOthers(new Set([...keywords.import, key]), 'an import');
  else
    fields.refuseOthers(new Set([...keywords.include, key]), what, (name) =>
      keywords.apply.has(name) ? 'what is for the tasks that it brings stands in "apply:"' : undefined,
    );
  if (what.endsWith('role') && context.scene.handlers !== undefined) {
    context.error(mapping, { summary: `Using '${what}' as a handler is not supported.` });
    return undefined;
  }
  refuseListening(fields, context);
  const common = parseCommon(mapping, fields, context);
  const ofRole = what.endsWith('role');
  const args = optionsOf(mapping, key, ofRole ? 'name' : 'file');
  const named = (ofRole ? includedRole : includedFile)(args, context, what);
  if (imports) return parseImport(fields, common, what, named, context, parse);
  const loop = parseLoop(fields, context);
  const register = fields.variable('register', 'never');
  const listen = fields.texts('listen').map(({ value }) => value);
  if (!named) return undefined;
  const { inside, ...known } = named;
  const about = { args, calledAs: key === what ? undefined : key, loop, register, listen, standing: inside.standing };
  const include: Include = { kind: 'include', ...common, ...known, ...about };
  const bounded = loop !== undefined || context.under(common.when).scene.bounded === true;
  return { ...include, ...knownContent(include, bounded, inside, parse) };
}

/** What a file lacks that is for hosts of another kind: files, and what other collections bring. */
const parts: ReadonlySet<ErrorCode> = new Set(['file-not-found', 'include-cycle', 'unknown-module', 'unknown-plugin']);

function lacksPart(errors: readonly OrchError[]): boolean {
  return errors.some(({ code }) => parts.has(code));
}

/**
 * What an include brings whose name is known already. One that stands under a condition may never be reached: what it names need
 * not be there, may include itself, and may name modules and filters that are not here.
 */
function knownContent(
  { file, ofRole }: Include,
  bounded: boolean,
  context: Context,
  parse: ParseTasks,
): Pick<Include, 'entries' | 'roles' | 'handlers'> {
  if (isTemplate(file.value)) return {};
  if (!ofRole) {
    const path = context.findIncluded(file.value);
    if (bounded && (context.chain.includes(path) || !context.exists(path))) return {};
    // Roles that it imports join the play only when it is reached.
    const inside = context.apart([]);
    const entries = readEntries(file, path, inside, parse);
    if (bounded && lacksPart(inside.errors)) return {};
    context.errors.push(...inside.errors);
    const { roles } = inside.scene;
    const handlers = roles.flatMap((role) => role.handlers);
    return { entries: [...entries, ...handlers], handlers, roles: roles.map(({ use }) => use) };
  }
  const froms = [ofRole.tasks, ofRole.vars, ofRole.defaults, ofRole.handlers];
  if (froms.some((from) => from && isTemplate(from.value))) return {};
  // It joins the play only when it is reached.
  const apart = context.apart([]);
  const role = loadRole({ name: file, files: ofRole, common: undefined, unchecked: ofRole.unchecked }, apart, parse);
  if (bounded && lacksPart(apart.errors)) return {};
  context.errors.push(...apart.errors);
  if (!role) return {};
  const { handlers } = withImported(role, apart);
  return { entries: [role.block, ...handlers], handlers, roles: [role.use] };
}

function parseImport(
  fields: Fields,
  common: Common,
  what: string,
  named: Named | undefined,
  context: Context,
  parse: ParseTasks,
): Block | undefined {
  for (const word of Object.keys(fields.mapping).filter((name) => name === 'loop' || name.startsWith('with_'))) {
    const loop = fields.field(word);
    const hint = `use ${what.replace('import', 'include')}`;
    if (loop) context.error(loop, { part: 'key', summary: `${what} cannot loop`, hint });
  }
  if (!named) return undefined;
  const inside = context.under(common.when).knowing(common.vars);
  const file = inside.known(named.file);
  if (isTemplate(file.value)) {
    context.error(named.file, {
      summary: `${what} is read before the run, and only that knows what names its ${named.ofRole ? 'role' : 'file'}`,
      hint: `use ${what.replace('import', 'include')}`,
    });
    return undefined;
  }
  if (!named.ofRole) {
    const path = inside.find(file.value, 'tasks');
    return { kind: 'block', ...common, block: readEntries(file, path, inside, parse), rescue: [], always: [] };
  }
  const { tasks, vars, defaults, handlers, ...rest } = named.ofRole;
  const from = (each: Located<string> | undefined) => each && inside.known(each);
  const files = { ...rest, tasks: from(tasks), vars: from(vars), defaults: from(defaults), handlers: from(handlers) };
  const role = loadRole({ name: file, files, common, unchecked: files.unchecked }, inside, parse);
  if (role) context.join(role);
  // Its variables are also those of a block around all that the role brings: its dependencies see them, too.
  return role && { ...role.block, vars: common.vars };
}

/** Entries of the file that `named` names, in `context`'s file. */
function readEntries(named: Located<string>, file: string, context: Context, parse: ParseTasks): readonly Entry[] {
  if (isCycle(file, named, context)) return [];
  const text = context.read(file, named);
  return text === undefined ? [] : parse(text, context.within(file));
}
