import { isNumber } from '../../../proto/float.ts';
import type { Located } from '../../source/located.ts';
import { child, items, placeOf } from '../../source/origins.ts';
import { hasTemplate, isWholeTemplate } from '../../template/compile.ts';
import { isAtom, isDataMapping } from '../../template/python/atom.ts';
import { repr } from '../../template/python/text.ts';
import { didYouMean } from '../../template/suggest.ts';
import { foreignKeywords } from '../keywords/keywords.ts';
import type { Vars } from '../types.ts';
import { describe } from '../values/describe.ts';
import { expressionErrors, isTemplate, templateErrors } from '../values/template-check.ts';
import type { Context } from './context.ts';

export type Mapping = Readonly<Record<string, unknown>>;

export function isMappingAt(located: Located): located is Located<Mapping> {
  return isDataMapping(located.value);
}

/** A template that may give anything: nothing stands beside it. */
export function isTemplateAt(located: Located): located is Located<string> {
  return typeof located.value === 'string' && isWholeTemplate(located.value.trim());
}

function isListAt(located: Located): located is Located<readonly unknown[]> {
  return Array.isArray(located.value);
}

/** Whether a variable may be called that: Python's words for values name none. */
export function isVariableName(name: string): boolean {
  return /^(?!(?:True|False|None)$)[A-Za-z_]\w*$/.test(name);
}

function unfitName(name: string) {
  const hint = 'names have letters, digits and _, and start with no digit';
  return { summary: `"${name}" cannot name a variable`, hint };
}

/** Reports a name that can't be one of a variable; `named` is the value whose key it is. */
export function checkName(name: string, named: Located, context: Context): void {
  if (!isTemplate(name) && !isVariableName(name)) context.error(named, { part: 'key', ...unfitName(name) });
}

/**
 * The keywords of one play, block or task. Each reader answers undefined (or nothing) for a keyword that is absent or
 * wrong; what is wrong goes to the context.
 */
export class Fields {
  readonly #mapping: Located<Mapping>;
  readonly #context: Context;

  constructor(mapping: Located<Mapping>, context: Context) {
    this.#mapping = mapping;
    this.#context = context;
  }

  get mapping(): Mapping {
    return this.#mapping.value;
  }

  field(key: string): Located | undefined {
    return child(this.#mapping, key);
  }

  /** As field; nothing behind the key is as if it were not there. */
  filled(key: string): Located | undefined {
    const field = this.field(key);
    return field?.value === null ? undefined : field;
  }

  #wrong(key: string, field: Located, wanted: string): undefined {
    this.#context.error(field, { summary: `"${key}" must be ${wanted}, not ${describe(field.value)}` });
  }

  /** Any value, its templates checked. */
  value(key: string): Located | undefined {
    const field = this.field(key);
    if (field) this.#context.faults(templateErrors(field));
    return field;
  }

  /** What a play, block or task is called; an empty name is none. */
  title(): Located<string> | undefined {
    const name = this.text('name');
    return name?.value === '' ? undefined : name;
  }

  /** A text; nothing behind the key is as if it were not there, as in Ansible. */
  text(key: string): Located<string> | undefined {
    const field = this.value(key);
    if (!field || field.value === null) return undefined;
    const { value } = field;
    if (typeof value === 'string') return { ...field, value };
    if (isNumber(value) || isAtom(value)) return { ...field, value: String(value) };
    // As Python writes them.
    if (typeof value === 'boolean') return { ...field, value: value ? 'True' : 'False' };
    return this.#wrong(key, field, 'a text');
  }

  /** The name of a variable that the run defines. */
  variable(key: string, templates: 'rendered' | 'never' = 'rendered'): string | undefined {
    const field = this.text(key);
    if (!field || isVariableName(field.value)) return field?.value;
    if (templates === 'rendered' && isTemplate(field.value)) return field.value;
    this.#context.error(field, unfitName(field.value));
    return undefined;
  }

  /** A text, or a list of texts. */
  texts(key: string): Located<string>[] {
    const field = this.value(key);
    if (!field) return [];
    const result: Located<string>[] = [];
    for (const item of isListAt(field) ? items(field) : [field]) {
      if (typeof item.value === 'string' || isNumber(item.value) || isAtom(item.value)) {
        result.push({ ...item, value: String(item.value) });
      } else this.#wrong(key, item, 'a text or a list of texts');
    }
    return result;
  }

  /** A list of words, or words in one text between commas; a template is one. */
  words(key: string): string[] {
    return this.texts(key).flatMap(({ value }) =>
      (hasTemplate(value) ? [value] : value.split(',')).map((word) => word.trim()).filter((word) => word !== ''),
    );
  }

  /** Tags, as they are listed, or between the commas of a text: those of a template are its own. */
  tags(): string[] {
    const said = this.texts('tags').map(({ value }) => value);
    if (Array.isArray(this.mapping.tags)) return said;
    return said.flatMap((text) => text.split(/,(?![^{]*\}\})/)).map((tag) => tag.trim());
  }

  boolean(key: string): boolean | undefined {
    const field = this.field(key);
    const said = field && truthOf(field.value);
    return field && said === undefined ? this.#wrong(key, field, 'yes or no') : said;
  }

  /** yes, no, or a template that gives one of them. */
  flag(key: string): Located | undefined {
    const field = this.value(key);
    if (!field || field.value === null) return undefined;
    const said = truthOf(field.value);
    if (said !== undefined || isTemplate(field.value)) return said === undefined ? field : { ...field, value: said };
    // Where a failure is forgiven, the run finds it.
    return this.#context.scene.forgiven ? field : this.#wrong(key, field, 'yes, no or a template');
  }

  number(key: string): Located | undefined {
    const field = this.value(key);
    if (field?.value === null) return undefined;
    if (!field || isTemplate(field.value)) return field;
    const value = typeof field.value === 'string' || isNumber(field.value) ? Number(field.value) : field.value;
    if (typeof value === 'number' && value >= 0) return { ...field, value };
    return this.#context.scene.forgiven ? field : this.#wrong(key, field, 'a number from 0');
  }

  /** Expressions that must all hold: one, or a list. */
  expressions(key: string): Located<string | boolean>[] {
    const field = this.field(key);
    if (!field || field.value === null) return [];
    const result: Located<string | boolean>[] = [];
    for (const item of isListAt(field) ? items(field) : [field]) {
      const { value } = item;
      if (typeof value === 'boolean') result.push({ ...item, value });
      else if (typeof value === 'string' || isNumber(value)) {
        const expression = { ...item, value: String(value) };
        this.#context.faults(expressionErrors(expression));
        result.push(expression);
      } else if (this.#context.scene.forgiven) result.push({ ...item, value: repr(value) });
      else this.#wrong(key, item, 'an expression or a list of expressions');
    }
    return result;
  }

  vars(key = 'vars'): Vars {
    const field = this.value(key);
    if (!field || field.value === null) return new Map();
    if (isMappingAt(field)) return varsOf(field, this.#context);
    this.#wrong(key, field, 'a mapping');
    return new Map();
  }

  /** The items of a list of plays, tasks or handlers; null stands for none. */
  list(key: string): Located[] {
    const field = this.field(key);
    if (!field || field.value === null) return [];
    if (isListAt(field)) return items(field);
    this.#wrong(key, field, 'a list');
    return [];
  }

  /** Reports every key that is not one of `known`. `owner` names what the keys belong to: "a play". */
  refuseOthers(known: ReadonlySet<string>, owner: string, hint?: (key: string) => string | undefined): void {
    for (const key of Object.keys(this.#mapping.value)) {
      if (!known.has(withoutOwner(key)) && !(known.has('loop') && this.isOwnLoop(key)))
        this.refuse(key, known, owner, hint?.(key));
    }
  }

  /** True for a loop over a lookup that comes with the playbook. */
  isOwnLoop(key: string): boolean {
    return key.startsWith('with_') && this.#context.deps.isLookup?.(key.slice('with_'.length)) === true;
  }

  /** @param module the one that the key stands beside, where it could be another one */
  refuse(key: string, known: Iterable<string>, owner: string, hint?: string, module?: string): void {
    const where = placeOf({ ...this.#mapping, path: [...this.#mapping.path, key] }, 'key');
    const foreign = foreignKeywords.get(key);
    this.#context.errorAt(where, {
      code: 'unknown-keyword',
      summary: foreign === undefined ? notOf(owner, key, module) : `orch does not support "${key}"`,
      hint: hint ?? foreign ?? didYouMean(key, known),
    });
  }
}

/** What Ansible calls what a playbook is made of. */
const classes: Readonly<Record<string, string>> = {
  ...{ 'a play': 'Play', 'a block': 'Block', 'a task': 'Task', loop_control: 'LoopControl' },
  ...{ include_tasks: 'TaskInclude', include_role: 'IncludeRole' },
};

function notOf(owner: string, key: string, module: string | undefined): string {
  const name = classes[owner];
  if (name === 'Task' && (key === 'rescue' || key === 'always')) {
    return `'${key}' keyword cannot be used without 'block'`;
  }
  // A loop's word is never taken for a module.
  if (module !== undefined && !key.startsWith('with_')) return `conflicting action statements: ${module}, ${key}`;
  return name === undefined ? `${owner} has no keyword "${key}"` : `'${key}' is not a valid attribute for a ${name}`;
}

/** `with_items` of `with_ansible.builtin.items`, and of the other collections whose lookups are here. */
export function withoutOwner(key: string): string {
  return key.replace(/^with_(?:ansible\.(?:builtin|legacy)|community\.general)\./, 'with_');
}

/** A boolean, or one of the words that Ansible takes for one; undefined for anything else. */
function truthOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' ? value.toLowerCase() : value;
  if (['yes', 'true', 'on', 'y', 't', '1', 1].some((each) => each === word)) return true;
  return ['no', 'false', 'off', 'n', 'f', '0', 0].some((each) => each === word) ? false : undefined;
}

/** The variables of a mapping, each with its place. */
export function varsOf(mapping: Located<Mapping>, context: Context): Vars {
  const vars = new Map<string, Located>();
  for (const [name, value] of Object.entries(mapping.value)) {
    const located = { value, origin: mapping.origin, path: [...mapping.path, name] };
    if (isVariableName(name)) vars.set(name, located);
    else {
      context.error(located, { part: 'key', ...unfitName(name) });
    }
  }
  return vars;
}
