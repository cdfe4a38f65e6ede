import { basename, extname, isAbsolute, join, normalize, relative } from 'node:path';
import { exactJson } from '../../../proto/exact-json.ts';
import { loadYaml } from '../../source/load-yaml.ts';
import type { Located } from '../../source/located.ts';
import { placeOf } from '../../source/origins.ts';
import { collectionFolders, collectionOfRole } from '../catalog/collections.ts';
import { noKeywords } from '../keywords/no-keywords.ts';
import { eachHandler } from '../plays/each-handler.ts';
import type { Block, Common, Entry, LoadedRole, RoleFiles, Vars } from '../types.ts';
import { isTemplate } from '../values/template-check.ts';
import type { Context } from './context.ts';
import { Fields, isMappingAt } from './fields.ts';
import { argumentChecks } from './role-arguments.ts';
import { type RoleRequest, roleRequest } from './role-request.ts';
import { parseVarsText } from './vars-file.ts';

/** Reads the text of a file of tasks; `context` is inside that file. */
export type ParseTasks = (text: string, context: Context) => readonly Entry[];

const endings = ['.yml', '.yaml', '', '.json'];

/** The role with all its files read. Undefined after an error. */
export function loadRole(request: RoleRequest, context: Context, parse: ParseTasks): LoadedRole | undefined {
  const { files } = request;
  const name = context.known(request.name, request.common?.vars);
  const path = findRole(name, context);
  if (path === undefined) return undefined;
  context.scene.customModules.meet(path);
  context.deps.meetPlugins?.(path);
  const home = collectionOfRole(path);
  const common = request.common ?? noKeywords(placeOf(name));
  const own = home === undefined ? {} : { collections: [home] };
  const { moduleDefaults: said = context.scene.moduleDefaults } = request;
  const defaultsAround = files ? context.scene.moduleDefaults : request.defaultsAround;
  const moduleDefaults = new Map([...said, ...(defaultsAround ?? [])]);
  const bare = context.under(common.when).with({ rolePath: path, moduleDefaults, ...own });
  const { dependencies, allowDuplicates, collections } = readMeta(path, { name, defaultsAround }, bare, parse);
  const inside =
    collections.length === 0
      ? bare
      : bare.with({ collections: [...(home === undefined ? [] : [home]), ...collections] });
  const use = {
    name: nameOf(name.value, path, home),
    collection: home,
    path,
    defaults: readVars(path, 'defaults', files?.defaults, name, inside),
    vars: readVars(path, 'vars', files?.vars, name, inside),
    given: common.vars,
    params: request.params ?? new Map(),
    dependencies: dependencies.map((dependency) => dependency.use),
    // Of an include that is told with the item that it is for, when it is met.
    identity: files ? request.common && includedIdentity(path, common.vars, files) : identity(path, request, common),
    // What an include says of duplicates wins over what the role does.
    once: files ? files.allowDuplicates === false : request.once === true && !allowDuplicates,
    private: files ? !files.public : context.deps.privateRoleVars === true,
  };
  const role: Common = { ...common, name: undefined, vars: new Map(), role: use };
  const around = (block: readonly Entry[]): Block => ({ kind: 'block', ...role, block, rescue: [], always: [] });
  const tasks = readTasks(path, 'tasks', files?.tasks, name, inside, parse);
  const checks = request.unchecked ? [] : argumentChecks(use, files?.tasks?.value, name, inside);
  const handlers = readTasks(path, 'handlers', files?.handlers, name, inside, parse);
  return {
    use,
    block: around([...dependencies.map(({ block }) => block), ...checks, ...tasks]),
    // Those of what it depends on are used as it is itself.
    handlers: [...dependencies.flatMap((dependency) => dependency.handlers), ...handlers.flatMap(eachHandler)].map(
      (each) => ({ ...around([each]), role: { ...use, identity: undefined, once: false } }),
    ),
  };
}

/** What a role is called: with its collection, where it is of one; else as it is written, also a path. */
function nameOf(written: string, path: string, collection: string | undefined): string {
  return collection === undefined ? written : `${collection}.${basename(path)}`;
}

/** A role of an include, read in `context`, with what its imports bring into the play. */
export function withImported(role: LoadedRole, { scene }: Context): LoadedRole {
  const handlers = [...scene.roles.flatMap((each) => each.handlers), ...role.handlers];
  return { ...role, handlers, imported: scene.roles.map(({ use }) => use) };
}

/** What makes two includes or imports of a role the same; `keys`: of the item of a loop, which are variables, too. */
export function includedIdentity(
  path: string,
  vars: Vars,
  files: Omit<RoleFiles, 'public'>,
  keys: Readonly<Record<string, unknown>> = {},
): string {
  const from = [files.tasks, files.vars, files.defaults, files.handlers].map((file) => file?.value);
  const said = [...vars].map(([name, { value }]) => [name, value]);
  return exactJson(['included', path, [...said, ...Object.entries(keys)], from]);
}

/** What makes two uses of a role the same. */
function identity(path: string, { params }: RoleRequest, { when, tags, vars }: Common): string {
  const said = (all: Vars = new Map()) => [...all].map(([name, { value }]) => [name, value]);
  return exactJson([path, said(params), said(vars), when.map(({ value }) => value), tags]);
}

/** The folder of a role; undefined, and an error, when there is none. */
export function findRole(name: Located<string>, context: Context): string | undefined {
  const { playbookDir, rolePath } = context.scene;
  const { rolesPath = [] } = context.deps;
  if (isTemplate(name.value)) {
    context.error(name, {
      summary: 'a role is read before the run, and only that knows what names it',
      hint: 'use include_role',
    });
    return undefined;
  }
  const { collections = [] } = context.scene;
  const [, collection, role = ''] = /^(\w+\.\w+)\.(\w+(?:\.\w+)*)$/.exec(name.value) ?? [];
  const folders = [
    join(playbookDir, 'roles'),
    ...rolesPath,
    ...(rolePath === undefined ? [] : [join(rolePath, '..')]),
    playbookDir,
  ];
  const inCollection = (each: string, inner: string) =>
    collectionFolders(each, playbookDir, context.deps.collections).map((folder) => join(folder, 'roles', inner));
  const places = isAbsolute(name.value)
    ? [name.value]
    : [
        ...(/^\w+$/.test(name.value) ? collections.flatMap((each) => inCollection(each, name.value)) : []),
        ...folders.map((folder) => join(folder, name.value)),
        ...(collection === undefined ? [] : inCollection(collection, role.replaceAll('.', '/'))),
      ];
  const list = context.deps.listFolder ?? (() => []);
  const found = places.find((place) => list(place).length > 0);
  if (found !== undefined) return normalize(found);
  context.error(name, {
    code: 'file-not-found',
    summary: `the role '${name.value}' was not found`,
    detail: `Looked for ${[...new Set(places.map(normalize))].join(', ')}.`,
  });
  return undefined;
}

/** `tasks/main.yml` and its like, or the file that was named; undefined: there is none. */
function fileIn(folder: string, from: string | undefined, context: Context): string | undefined {
  const names = from === undefined ? endings.map((ending) => `main${ending}`) : [from, ...endings.map((e) => from + e)];
  return names.map((each) => join(folder, each)).find((path) => context.exists(path));
}

function readTasks(
  path: string,
  kind: 'tasks' | 'handlers',
  from: Located<string> | undefined,
  name: Located<string>,
  context: Context,
  parse: ParseTasks,
): readonly Entry[] {
  const file = fileIn(join(path, kind), from?.value, context);
  if (from && leavesRole(name.value, join(path, kind), from, context)) return [];
  if (file === undefined) {
    if (from) context.error(from, notIn(name.value, path, kind, from.value));
    return [];
  }
  if (context.chain.includes(file)) {
    const summary = `role "${name.value}" uses itself`;
    context.error(name, { code: 'include-cycle', summary, detail: [...context.chain, file].join(' -> ') });
    return [];
  }
  const text = context.read(file, name);
  return text === undefined
    ? []
    : parse(text, context.with({ handlers: kind === 'handlers' ? 'list' : undefined }).within(file));
}

/** Reports a file that `..._from` names outside of the role's folder for it. */
function leavesRole(role: string, folder: string, from: Located<string>, context: Context): boolean {
  if (!relative(folder, join(folder, from.value)).startsWith('..')) return false;
  const file = join(folder, from.value);
  const summary = `Failed loading '${file}' for role (${role}) as it is not inside the expected role path: '${folder}'`;
  context.error(from, { summary });
  return true;
}

function notIn(role: string, path: string, kind: string, from: string) {
  return {
    code: 'file-not-found',
    summary: `role "${role}" has no ${kind} file "${from}"`,
    detail: `Looked in ${join(path, kind)}.`,
  } as const;
}

/** Files of variables in a folder and, where their names have no extension, the folders in it: in the order of their names. */
function varsFilesIn(folder: string, context: Context): string[] {
  const names = context.deps.listFolder?.(folder) ?? [];
  return names.flatMap((name) => {
    const path = join(folder, name);
    if (/^\.|~$/.test(name) || !endings.includes(extname(name))) return [];
    if (context.exists(path)) return [path];
    return extname(name) === '' ? varsFilesIn(path, context) : [];
  });
}

/** Variables of `defaults/main.yml` or `vars/main.yml`: a file, or a folder of files. */
function readVars(
  path: string,
  kind: 'defaults' | 'vars',
  from: Located<string> | undefined,
  name: Located<string>,
  context: Context,
): Vars {
  const folder = join(path, kind);
  const file = fileIn(folder, from?.value, context);
  if (from && leavesRole(basename(path), folder, from, context)) return new Map();
  const inFolder = join(folder, from?.value ?? 'main');
  const files = file === undefined ? varsFilesIn(inFolder, context) : [file];
  if (files.length === 0 && from) context.error(from, notIn(basename(path), path, kind, from.value));
  const all = new Map<string, Located>();
  for (const each of files) {
    const { vars, errors } = parseVarsText(context.read(each, from ?? name) ?? '', each);
    context.errors.push(...errors);
    for (const [name, value] of vars) all.set(name, value);
  }
  return all;
}

interface Meta {
  readonly dependencies: readonly LoadedRole[];
  readonly allowDuplicates: boolean;
  readonly collections: readonly string[];
}

function readMeta(
  path: string,
  { name, defaultsAround }: Pick<RoleRequest, 'name' | 'defaultsAround'>,
  context: Context,
  parse: ParseTasks,
): Meta {
  const file = fileIn(join(path, 'meta'), undefined, context);
  const nothing = { dependencies: [], allowDuplicates: false, collections: [] };
  if (file === undefined) return nothing;
  if (context.chain.includes(file)) {
    const summary = `role "${name.value}" depends on itself`;
    context.error(name, { code: 'include-cycle', summary, detail: [...context.chain, file].join(' -> ') });
    return nothing;
  }
  const { documents, errors } = loadYaml(context.read(file, name) ?? '', file);
  context.errors.push(...errors);
  const [root] = documents;
  if (!root || !isMappingAt(root)) return nothing;
  const inside = context.within(file);
  const fields = new Fields(root, inside);
  const dependencies = fields.list('dependencies').flatMap((item): LoadedRole[] => {
    const request = roleRequest(item, inside);
    const role = request && loadRole({ ...request, once: true, defaultsAround }, inside, parse);
    return role ? [role] : [];
  });
  const collections = fields.words('collections');
  return { dependencies, allowDuplicates: fields.boolean('allow_duplicates') ?? false, collections };
}
