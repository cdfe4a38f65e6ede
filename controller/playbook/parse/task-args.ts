import { isNumber } from '../../../proto/float.ts';
import { internalParameters } from '../../../proto/internal-parameters.ts';
import type { Located } from '../../source/located.ts';
import { composed, partOrigin } from '../../source/origins.ts';
import type { CatalogEntry } from '../catalog/catalog.ts';
import type { TaskArgs } from '../types.ts';
import { describe } from '../values/describe.ts';
import { keyValues, pairOf, splitWords, unclosedQuote } from '../values/key-value.ts';
import { parameterNames } from '../values/schema.ts';
import type { Context } from './context.ts';
import { isMappingAt, isTemplateAt, type Mapping } from './fields.ts';
import { partsOf } from './module-defaults.ts';

/** Parameters that a command's text may name, as in Ansible, and itself as `cmd`: any other word is the command's own. */
const besideCommand: ReadonlySet<string> = new Set(
  'cmd creates removes chdir executable stdin stdin_add_newline strip_empty_ends'.split(' '),
);

/** What Ansible once had there: words of the command neither then nor now. */
const goneBesideCommand = ['warn'];

/** Parameters written as text: `name=ns01 state=present`, or free text for a module that takes it. */
function fromText(text: Located<string>, entry: CatalogEntry, context: Context): Map<string, Located> | undefined {
  const unclosed = unclosedQuote(text.value);
  if (unclosed !== undefined) {
    const at = { ...text, origin: partOrigin(text, unclosed), path: [] };
    const hint = `close it, put a backslash before it, or write the parameters as a mapping${entry.freeForm === undefined ? '' : `: ${entry.freeForm}: ...`}`;
    context.error(at, { code: 'invalid-parameter', summary: 'a quote is not closed', hint });
    return undefined;
  }
  const names = parameterNames(entry.params);
  const known = [...names, ...Object.keys(entry.aliases ?? {})];
  const beside =
    entry.freeForm === 'cmd' ? [...known.filter((name) => besideCommand.has(name)), ...goneBesideCommand] : known;
  const pairs = keyValues(text.value);
  if (pairs && (entry.freeForm === undefined || pairs.every(({ key }) => beside.includes(key)))) {
    return new Map(pairs.map(({ key, value, start }) => [key, { value, origin: partOrigin(text, start), path: [] }]));
  }
  if (entry.freeForm !== undefined) return withOptions(text, entry.freeForm, beside);
  // Where a failure is forgiven, the run finds it.
  if (context.scene.forgiven) return new Map([['_raw_params', text]]);
  const said = names.filter((name) => !internalParameters.has(name));
  context.error(text, {
    code: 'invalid-parameter',
    summary: `module "${entry.name}" takes no free text`,
    hint: `write its parameters as a mapping${said.length > 0 ? `: ${said.join(', ')}` : ''}`,
  });
  return undefined;
}

/** Free text with options among its words: `touch /x creates=/x`. What stands around them is taken as it is. */
function withOptions(text: Located<string>, freeForm: string, known: readonly string[]): Map<string, Located> {
  const options = new Map<string, Located>();
  let [rest, from] = ['', 0];
  let first: number | undefined;
  for (const { text: word, start } of splitWords(text.value)) {
    const pair = pairOf({ text: word, start });
    if (!pair || pair.key === freeForm || !known.includes(pair.key)) {
      first ??= start;
      continue;
    }
    options.set(pair.key, { value: pair.value, origin: partOrigin(text, pair.start), path: [] });
    rest += text.value.slice(from, start);
    from = start + word.length;
    // The blank before it stays.
    if (text.value[from] === ' ') from++;
  }
  if (options.size === 0) return new Map([[freeForm, { ...text, value: continued(text.value) }]]);
  const behind = text.value.slice(from);
  // A text of several lines keeps its end.
  const command = behind.trim() === '' ? rest.trim() : (rest + behind).trimStart();
  return new Map([
    [freeForm, { value: continued(command), origin: partOrigin(text, first ?? 0), path: [] }],
    ...options,
  ]);
}

/** Without backslashes that are words of their own, and the line's end or blank behind them, as Ansible has it; in quotes they stay. */
function continued(text: string): string {
  let [joined, from] = ['', 0];
  for (const { text: word, start } of splitWords(text)) {
    if (word !== '\\') continue;
    joined += text.slice(from, start);
    from = start + (text.startsWith('\n ', start + 1) ? 3 : 2);
  }
  return joined + text.slice(from);
}

/** A mapping, `key=value` text, free text or nothing; undefined after an error. */
function written(value: Located, entry: CatalogEntry, context: Context): Iterable<[string, Located]> | undefined {
  if (isMappingAt(value)) return partsOf(value);
  if (value.value === null) return [];
  if (typeof value.value === 'string' || (isNumber(value.value) && entry.freeForm !== undefined)) {
    return fromText({ ...value, value: String(value.value) }, entry, context);
  }
  context.error(value, {
    code: 'invalid-parameter',
    summary: `the parameters of module "${entry.name}" must be a mapping, not ${describe(value.value)}`,
  });
  return undefined;
}

/** The parameters by their own names; undefined after an error. */
function named(args: Map<string, Located>, entry: CatalogEntry, context: Context): Map<string, Located> | undefined {
  const found = new Map<string, { written: string; located: Located }>();
  for (const [written, located] of args) {
    const name = ownName(written, entry);
    const other = found.get(name)?.written;
    if (other !== undefined) {
      context.error(located, {
        code: 'invalid-parameter',
        summary: `"${written}" and "${other}" are the same parameter of module "${entry.name}"`,
        hint: 'say one of them',
      });
      return undefined;
    }
    found.set(name, { written, located });
  }
  return new Map([...found].map(([name, { located }]) => [name, located]));
}

/** The name of a parameter that one of its aliases, or itself, stands for; `_raw_params` is Ansible's for that of free text. */
export function ownName(written: string, { aliases, freeForm }: CatalogEntry): string {
  if (written === '_raw_params' && freeForm !== undefined) return freeForm;
  return (aliases !== undefined && Object.hasOwn(aliases, written) && aliases[written]) || written;
}

/** What a task says of its module, beside its `args`. */
interface Said {
  readonly entry: CatalogEntry;
  /** The value of its key. */
  readonly written: Located;
  /** What stands beside a `module` whose text has parameters. */
  readonly beside?: Located<Mapping> | undefined;
}

/**
 * A task's parameters from the value of its module key, from what stands beside it, and from its `args:`, each of which
 * wins over the next; undefined after an error. The first and the last may be templates that give a mapping.
 */
export function taskArgs(
  { entry, written: value, beside }: Said,
  args: Located | undefined,
  context: Context,
): TaskArgs | undefined {
  const nothing: Located<Mapping> = { ...value, value: {} };
  if (entry.freeForm === undefined && isTemplateAt(value)) return { args: nothing, moreArgs: [value] };
  if (args && isTemplateAt(args)) {
    const own = taskArgs({ entry, written: value }, beside, context);
    return own && { ...own, moreArgs: [args, ...(own.moreArgs ?? [])] };
  }
  const said = saidArgs(value, together(args, beside), entry, context);
  return said && { args: said };
}

function together(args: Located | undefined, beside: Located<Mapping> | undefined): Located | undefined {
  if (!beside || (args && !isMappingAt(args))) return args;
  return args ? composed(new Map([...partsOf(args), ...partsOf(beside)]), beside) : beside;
}

function saidArgs(
  value: Located,
  args: Located | undefined,
  entry: CatalogEntry,
  context: Context,
): Located<Mapping> | undefined {
  if (!args && isMappingAt(value) && Object.keys(value.value).every((key) => ownName(key, entry) === key)) return value;
  if (args && !isMappingAt(args)) {
    context.error(args, { summary: `"args" must be a mapping, not ${describe(args.value)}` });
    return undefined;
  }
  const own = written(value, entry, context);
  const all = own && named(new Map([...(args ? partsOf(args) : []), ...own]), entry, context);
  return all && composed(all, value);
}
