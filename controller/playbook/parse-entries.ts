import { dirname, isAbsolute, join } from 'node:path';
import { loadYaml } from '../source/load-yaml.ts';
import type { Located } from '../source/located.ts';
import { child, items } from '../source/origins.ts';
import { canonicalName } from './catalog.ts';
import type { Context } from './context.ts';
import { describe } from './describe.ts';
import { Fields, isMappingAt, type Mapping } from './fields.ts';
import { keywords } from './keywords.ts';
import { parseCommon, parseLoop } from './parse-common.ts';
import { parseTask } from './parse-task.ts';
import { isTemplate } from './template-check.ts';
import type { Block, Entry, Include } from './types.ts';

/** A path as written in `context`'s file: relative to that file's folder. */
export function resolvePath(written: string, context: Context): string {
  return isAbsolute(written) ? written : join(dirname(context.chain.at(-1) ?? '.'), written);
}

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

/** Tasks, blocks and includes of one list. */
export function parseEntries(list: readonly Located[], context: Context): Entry[] {
  return list.flatMap((item) => parseEntry(item, context) ?? []);
}

function parseEntry(item: Located, context: Context): Entry | undefined {
  if (!isMappingAt(item)) {
    context.error(item, { summary: `a task must be a mapping, not ${describe(item.value)}` });
    return undefined;
  }
  if (Object.hasOwn(item.value, 'block')) return parseBlock(item, context);
  for (const key of Object.keys(item.value)) {
    const name = canonicalName(key);
    if (name === 'include_tasks') return parseInclude(item, key, context);
    if (name === 'import_tasks') return parseImport(item, key, context);
  }
  return parseTask(item, context);
}

function parseBlock(mapping: Located<Mapping>, context: Context): Block {
  const fields = new Fields(mapping, context);
  fields.refuseOthers(keywords.block, 'a block');
  return {
    kind: 'block',
    ...parseCommon(mapping, fields, context),
    block: parseEntries(fields.list('block'), context),
    rescue: parseEntries(fields.list('rescue'), context),
    always: parseEntries(fields.list('always'), context),
  };
}

interface Named {
  readonly file: Located<string>;
  readonly applyTags: readonly string[];
}

/** `include_tasks: FILE`, or a mapping with `file` and `apply`. */
function includedFile(written: Located, context: Context): Named | undefined {
  if (typeof written.value === 'string') return { file: { ...written, value: written.value }, applyTags: [] };
  if (isMappingAt(written)) {
    const fields = new Fields(written, context);
    fields.refuseOthers(new Set(['file', 'apply']), 'an include');
    const apply = fields.field('apply');
    const applied = apply && isMappingAt(apply) ? new Fields(apply, context) : undefined;
    applied?.refuseOthers(new Set(['tags']), '"apply"');
    const file = fields.text('file');
    if (file) return { file, applyTags: applied?.words('tags') ?? [] };
  }
  context.error(written, { summary: 'an include must name a file' });
  return undefined;
}

function parseInclude(mapping: Located<Mapping>, key: string, context: Context): Include | undefined {
  const fields = new Fields(mapping, context);
  fields.refuseOthers(new Set([...keywords.include, key]), 'an include');
  const common = parseCommon(mapping, fields, context);
  const loop = parseLoop(fields, context);
  const written = fields.value(key);
  const named = written && includedFile(written, context);
  if (!named) return undefined;
  const base = dirname(context.chain.at(-1) ?? '.');
  const entries = includedEntries(named.file, common.when.length > 0 || loop !== undefined, context);
  return { kind: 'include', ...common, file: named.file, loop, base, applyTags: named.applyTags, entries };
}

/** What a file holds whose name is known already. One that includes itself under a condition may end: it is left. */
function includedEntries(named: Located<string>, bounded: boolean, context: Context): Entry[] | undefined {
  if (isTemplate(named.value)) return undefined;
  if (bounded && context.chain.includes(resolvePath(named.value, context))) return undefined;
  return readEntries(named, context);
}

function parseImport(mapping: Located<Mapping>, key: string, context: Context): Block | undefined {
  const fields = new Fields(mapping, context);
  fields.refuseOthers(new Set([...keywords.include, key]), 'an import');
  for (const word of ['loop', 'with_items']) {
    const loop = fields.field(word);
    if (loop) context.error(loop, { part: 'key', summary: 'import_tasks cannot loop', hint: 'use include_tasks' });
  }
  const common = parseCommon(mapping, fields, context);
  const written = fields.value(key);
  const named = written && includedFile(written, context);
  if (!named) return undefined;
  if (isTemplate(named.file.value)) {
    context.error(named.file, {
      summary: 'import_tasks is read before any variable is known, so it cannot name its file by a template',
      hint: 'use include_tasks',
    });
    return undefined;
  }
  return { kind: 'block', ...common, block: readEntries(named.file, context), rescue: [], always: [] };
}

/** Entries of the file that `named` names, in `context`'s file. */
function readEntries(named: Located<string>, context: Context): Entry[] {
  const file = resolvePath(named.value, context);
  if (isCycle(file, named, context)) return [];
  const text = context.read(file, named);
  return text === undefined ? [] : parseTaskText(text, context.within(file));
}

/** Entries of a task file's text; `context` is inside that file. */
export function parseTaskText(text: string, context: Context): Entry[] {
  const { documents, errors } = loadYaml(text, context.chain.at(-1) ?? '');
  context.errors.push(...errors);
  const [root] = documents;
  if (!root || root.value === null) return [];
  if (Array.isArray(root.value)) return parseEntries(items({ ...root, value: root.value }), context);
  const tasks = child(root, 'tasks');
  context.error(root, {
    summary: `a file of tasks must be a list, not ${describe(root.value)}`,
    hint: tasks ? 'this looks like a play: use import_playbook' : undefined,
  });
  return [];
}
