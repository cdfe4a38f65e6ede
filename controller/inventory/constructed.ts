import { dirname, resolve } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { settings } from '../config/settings.ts';
import type { Vars } from '../playbook/types.ts';
import { describe } from '../playbook/values/describe.ts';
import { type FactCache, factCache } from '../run/hosts/fact-cache.ts';
import { literalData } from '../source/literal.ts';
import type { Located } from '../source/located.ts';
import { child, items } from '../source/origins.ts';
import { truth } from '../template/python/compare.ts';
import { mapEntries } from '../template/python/mapping.ts';
import { str } from '../template/python/text.ts';
import { isMapping } from '../template/python/values.ts';
import { mayBeFact } from '../vars/facts.ts';
import { dataLayer, type Layer, sourceLayer, varsLayer } from '../vars/layer.ts';
import { evaluateCondition, evaluateExpression, renderLocated } from '../vars/render.ts';
import { createScope } from '../vars/scope.ts';
import type { VarScope } from '../vars/types.ts';
import { type Draft, safeGroupName } from './draft.ts';
import { mergeInventory } from './merge.ts';
import { partsAt } from './parts.ts';
import { passesOn } from './passed-on.ts';
import { putVar } from './put-var.ts';
import { type InventoryHost, shortName } from './types.ts';
import { openVarsFolders, type VarsFolders } from './vars-folders.ts';

const noFolders: VarsFolders = { groups: [], hosts: [] };

/** One of `keyed_groups`. */
interface KeyedGroup {
  readonly key: Located<string>;
  /** What stands before each name. */
  readonly before: string;
  readonly separator: string;
  /** It may be a template. */
  readonly parent: Located | undefined;
  readonly otherwise: string | undefined;
  readonly trailing: boolean;
}

function keyedGroups(root: Located, draft: Draft): KeyedGroup[] {
  const field = child(root, 'keyed_groups');
  if (!field || field.value === null) return [];
  if (!Array.isArray(field.value)) {
    draft.error(field, `"keyed_groups" must be a list, not ${describe(field.value)}`);
    return [];
  }
  const leading = child(root, 'leading_separator')?.value !== false;
  return items({ ...field, value: field.value }).flatMap((item): KeyedGroup[] => {
    const text = (name: string): string | undefined => {
      const value = child(item, name)?.value;
      return value === undefined || value === null ? undefined : String(value);
    };
    if (text('default_value') !== undefined && text('trailing_separator') !== undefined) {
      draft.error(item, 'of "default_value" and "trailing_separator" only one can be there');
      return [];
    }
    const key = child(item, 'key');
    if (typeof key?.value !== 'string') {
      draft.error(item, 'each of "keyed_groups" must have a "key", an expression');
      return [];
    }
    const [prefix, separator] = [text('prefix') ?? '', text('separator') ?? '_'];
    return [
      {
        key: { ...key, value: key.value },
        before: prefix === '' && !leading ? '' : `${prefix}${separator}`,
        separator,
        parent: child(item, 'parent_group'),
        otherwise: text('default_value'),
        trailing: child(item, 'trailing_separator')?.value !== false,
      },
    ];
  });
}

const isNothing = (value: unknown): boolean => value === '' || value === null;

/** What a key is for a host; undefined where it means no groups. Throws OrchError where it should mean some. */
function keyValue({ key, otherwise }: KeyedGroup, scope: VarScope, host: string): unknown {
  const value = evaluateExpression(key, scope);
  if (truth(value) || (isNothing(value) && otherwise !== undefined)) return value;
  // An empty list or mapping is no mistake.
  if (typeof value === 'object' && value !== null) return undefined;
  const summary = `No key or key resulted empty for '${key.value}' in host ${host}, invalid entry`;
  throw new OrchError({ code: 'inventory-syntax', summary });
}

/** Names of the groups that a key's value means, without what stands before them; undefined where it is none that names groups. */
function keyNames(value: unknown, { separator, otherwise, trailing }: KeyedGroup): string[] | undefined {
  const named = (one: unknown): string => (isNothing(one) && otherwise !== undefined ? otherwise : str(one));
  if (typeof value === 'string' || value === null) return [named(value)];
  if (Array.isArray(value)) return value.map(named);
  if (!isMapping(value)) return undefined;
  return mapEntries(value).map(([name, inner]) =>
    isNothing(inner) && otherwise === undefined && !trailing ? str(name) : `${str(name)}${separator}${named(inner)}`,
  );
}

/** What stands for an expression. Throws OrchError for a list or a mapping. */
function expression(said: Located): Located<string> {
  if (typeof said.value !== 'object') return { ...said, value: String(said.value) };
  throw new OrchError({
    code: 'inventory-syntax',
    summary: `an expression must be a text, not ${describe(said.value)}`,
  });
}

/** What runs before have learned of a host, read once something is asked for that it may say; a warning where that is not trusted. */
function factsLayer(host: string, cache: FactCache | undefined, { warnings }: Draft): Layer {
  let known: Readonly<Record<string, unknown>> | undefined;
  const read = () => {
    try {
      return cache?.facts(host) ?? {};
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      warnings.push(`${error.summary} Facts of ${host} are not taken from it: ${error.hint}`);
      return {};
    }
  };
  const facts = () => (known ??= read());
  return sourceLayer({
    has: (name) => mayBeFact(name) && Object.hasOwn(facts(), name),
    get: (name) => facts()[name],
    names: () => Object.keys(facts()).filter(mayBeFact),
  });
}

/** Variables about a host itself. */
function magicOf({ name, file, groups }: InventoryHost, isUngrouped: boolean): Record<string, unknown> {
  const path = file && resolve(file);
  return {
    inventory_hostname: name,
    inventory_hostname_short: shortName(name),
    ...(path === undefined ? {} : { inventory_file: path, inventory_dir: path && dirname(path) }),
    // As in Ansible hosts come to `ungrouped` by themselves, and leave it for other groups, only once all is read.
    group_names: [...groups.filter((group) => group !== 'ungrouped'), ...(isUngrouped ? ['ungrouped'] : [])].sort(),
  };
}

/** The variable that an expression makes of those of a host. */
function composed(said: Located, scope: VarScope): Located {
  const asked = expression(said);
  const value = evaluateExpression(asked, scope);
  return { ...said, value: literalData(value), ...(passesOn(asked.value, value) ? {} : { rendered: true as const }) };
}

/**
 * Groups and variables made of what hosts have so far, as Ansible's plugin `constructed` makes them. Expressions that fail are
 * passed over, unless the file says `strict: true`.
 */
export function constructInventory(root: Located, draft: Draft): void {
  const strict = child(root, 'strict')?.value === true;
  const compose = partsAt(root, 'compose', draft);
  const groups = partsAt(root, 'groups', draft);
  const keyed = keyedGroups(root, draft);
  const attempt = (at: Located, work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      if (strict) draft.error(at, error.summary, error.hint);
    }
  };
  // What is wrong in those files is said when all are read.
  const folders = child(root, 'use_vars_plugins')?.value === true ? openVarsFolders(draft.folders, []) : noFolders;
  const useExtraVars = child(root, 'use_extra_vars')?.value ?? settings().inventoryUseExtraVars;
  const extraVars = useExtraVars === true ? draft.extraVars : new Map();
  const known = mergeInventory(draft, { source: '', sources: [] }, folders);
  const ungrouped = draft.group('ungrouped').hosts;
  const cache = factCache(false);
  for (const host of known.hosts.values()) {
    const { name } = host;
    const magic = magicOf(host, ungrouped.has(name));
    // As in Ansible facts of runs before win over what files say.
    const facts = factsLayer(name, cache, draft);
    const scope = (own: Vars): VarScope =>
      createScope([varsLayer(host.vars), varsLayer(own), facts, dataLayer(magic), varsLayer(extraVars)]);
    const join = (group: string, parent: unknown = null): void => {
      const made = draft.group(safeGroupName(group));
      made.hosts.add(name);
      if (parent !== null && parent !== '') draft.addChild(draft.group(safeGroupName(String(parent))), made, root);
    };
    const before = scope(new Map());
    const made = new Map<string, Located>();
    for (const [variable, said] of compose) attempt(said, () => made.set(variable, composed(said, before)));
    // Only now: none of them sees the others.
    for (const [variable, value] of made) putVar(draft.host(name).vars, variable, value);
    const after = scope(made);
    for (const [group, condition] of groups) {
      attempt(condition, () => {
        if (evaluateCondition(expression(condition), after)) join(group);
      });
    }
    for (const one of keyed) {
      attempt(one.key, () => {
        const value = keyValue(one, after, name);
        if (value === undefined) return;
        const parent = one.parent && renderLocated(one.parent, after);
        const names = keyNames(value, one);
        if (!names) {
          // Strict or not, as in Ansible.
          const summary = `a key of "keyed_groups" must be a text, or a list or mapping of texts, not ${describe(value)}`;
          draft.error(one.key, summary, `of host ${name}; make it one: "| string"`);
        }
        for (const group of names ?? []) join(one.before + group, parent);
      });
    }
  }
}
