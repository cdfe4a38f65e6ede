import { Fault } from './fault.ts';
import { filterTable } from './filters/table.ts';
import { type OwnPlugin, ownPlugins } from './own-plugins.ts';
import { type Plugin, type PluginTable, plugin } from './plugin.ts';
import { toPlain } from './python/plain.ts';
import { defined, type Given, isAbsent, Sealed, type Undefined } from './python/values.ts';
import type { Engine } from './render/frame.ts';
import { bind } from './render/signature.ts';
import { didYouMean } from './suggest.ts';
import { testTable } from './tests/table.ts';
import type { RenderOptions } from './types.ts';

const collection = /^(?:ansible\.(?:builtin|legacy|utils|netcommon|posix)|community\.(?:general|crypto))\./;

function find<T>(table: PluginTable<T>, kind: 'filter' | 'test', name: string, at?: number): Plugin<T> {
  const short = name.replace(collection, '');
  // Of a name in several collections the full one may be another.
  const known = table.get(name) ?? table.get(short);
  const own = ownPlugins().find(kind, name, known !== undefined);
  if (own) return fromOwn(own);
  if (known) return known;
  const other = kind === 'filter' ? allTests : filterTable;
  const hint = other.has(short)
    ? `'${short}' is a ${kind === 'filter' ? "test: write 'is" : "filter: write '|"} ${short}'`
    : (ownPlugins().whyNot(kind) ?? didYouMean(short, table.keys()));
  throw new Fault(`No ${kind} named '${name}'`, {
    code: 'unknown-plugin',
    hint,
    ...(at === undefined ? {} : { at }),
  });
}

/** One that works on plain data: nothing else leaves the engine. */
function fromOwn<T>(run: OwnPlugin): Plugin<T> {
  return plugin('*rest, **options', (value, [rest, options], { options: rendering }) => {
    const args = [value, ...(rest as unknown[])].map((each) => toPlain(each));
    return run(args, toPlain(options) as Readonly<Record<string, unknown>>, rendering) as T;
  });
}

/** `is filter` and `is test`: whether there is one of that name. */
const nameTests = new Map<string, Plugin<boolean>>([
  ['filter', plugin('', (value) => typeof value === 'string' && isThere(filterTable, 'filter', value))],
  ['test', plugin('', (value) => typeof value === 'string' && isThere(allTests, 'test', value))],
]);

function isThere(table: PluginTable<unknown>, kind: 'filter' | 'test', name: string): boolean {
  const isKnown = table.has(name.replace(collection, ''));
  return isKnown || ownPlugins().find(kind, name, isKnown) !== undefined;
}

/** All tests by name. */
export const allTests: PluginTable<boolean> = new Map([...testTable, ...nameTests]);

/** Throws a Fault when there is no such filter or test. */
export function checkPlugin(kind: 'filter' | 'test', name: string, at: number): void {
  if (kind === 'filter') find(filterTable, kind, name, at);
  else find(allTests, kind, name, at);
}

/** The first that does not exist of a value and what is given with it, for a plugin that takes none such. */
function absent(plugin: Plugin<unknown>, value: unknown, { positional, named }: Given): Undefined | undefined {
  const sealed = value instanceof Sealed;
  if (sealed && !plugin.takesSealed) throw value.fault();
  if (plugin.lenient) return undefined;
  return [...(sealed ? [] : [value]), ...positional, ...named.values()].find(isAbsent);
}

const engine = (options: RenderOptions): Engine => ({
  options,
  filter: (name, value, given) => applyFilter(name, value, given, options),
  test: (name, value, given) => applyTest(name, value, given, options),
});

/** What a filter makes of a value; of what does not exist it makes nothing that does. */
export function applyFilter(name: string, value: unknown, given: Given, options: RenderOptions): unknown {
  const plugin = find(filterTable, 'filter', name);
  const missing = absent(plugin, value, given);
  return missing ?? plugin.run(value, bind(`filter '${name}'`, plugin.signature, given), engine(options));
}

export function applyTest(name: string, value: unknown, given: Given, options: RenderOptions): boolean {
  const plugin = find(allTests, 'test', name);
  defined(absent(plugin, value, given));
  return plugin.run(value, bind(`test '${name}'`, plugin.signature, given), engine(options));
}
