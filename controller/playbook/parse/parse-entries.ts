import { loadYaml } from '../../source/load-yaml.ts';
import type { Located } from '../../source/located.ts';
import { child, items } from '../../source/origins.ts';
import { canonicalName } from '../catalog/catalog.ts';
import { keywords } from '../keywords/keywords.ts';
import type { Block, Entry } from '../types.ts';
import { describe } from '../values/describe.ts';
import type { Context } from './context.ts';
import { Fields, isMappingAt, type Mapping } from './fields.ts';
import { withModuleDefaults } from './module-defaults.ts';
import { parseCommon, withCollections } from './parse-common.ts';
import { includeKeys, parseIncluding } from './parse-include.ts';
import { parseTask } from './parse-task.ts';

/** Tasks, blocks and includes of one list; as in Ansible an item may be nothing. */
export function parseEntries(list: readonly Located[], context: Context): Entry[] {
  return list.flatMap((item) => (item.value === null ? [] : (parseEntry(item, context) ?? [])));
}

function parseEntry(item: Located, context: Context): Entry | undefined {
  if (!isMappingAt(item)) {
    context.error(item, { summary: `a task must be a mapping, not ${describe(item.value)}` });
    return undefined;
  }
  if (Object.hasOwn(item.value, 'block')) return parseBlock(item, context);
  const entry = withInclude(item);
  const including = Object.keys(entry.value).find(isInclude);
  if (including !== undefined) return parseIncluding(entry, including, context, parseTaskText);
  return parseTask(item, context);
}

function isInclude(key: string): boolean {
  return includeKeys.some((name) => name === canonicalName(key));
}

/** `action: include_tasks FILE` as `include_tasks: FILE`. */
function withInclude(item: Located<Mapping>): Located<Mapping> {
  const { action, ...rest } = item.value;
  if (typeof action === 'string') {
    const [, name = '', said] = /^\s*(\S+)\s*(.*)$/s.exec(action) ?? [];
    return isInclude(name) ? { ...item, value: { ...rest, [name]: said } } : item;
  }
  const inner = child(item, 'action');
  if (!inner || !isMappingAt(inner)) return item;
  const { module, ...said } = inner.value;
  return isInclude(String(module)) ? { ...item, value: { ...rest, [String(module)]: said } } : item;
}

function parseBlock(mapping: Located<Mapping>, context: Context): Block {
  const fields = new Fields(mapping, context);
  fields.refuseOthers(keywords.block, 'a block');
  const { handlers } = context.scene;
  if (handlers === 'block') context.error(mapping, { summary: 'Using a block as a handler is not supported.' });
  const common = parseCommon(mapping, fields, context);
  const withDefaults = withCollections(fields, withModuleDefaults(fields, context));
  const within = (common.ignoreErrors?.value ?? false) !== false ? withDefaults.with({ forgiven: true }) : withDefaults;
  const inside = within
    .under(common.when)
    .knowing(common.vars)
    .with({ handlers: handlers && 'block' });
  const rescue = fields.list('rescue');
  return {
    kind: 'block',
    ...common,
    block: parseEntries(
      fields.list('block'),
      rescue.length > 0 ? inside.with({ bounded: true, forgiven: true }) : inside,
    ),
    rescue: parseEntries(rescue, inside.with({ bounded: true })),
    always: parseEntries(fields.list('always'), inside),
  };
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
