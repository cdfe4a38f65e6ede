import { Fault } from './fault.ts';
import { filterTable } from './filters/table.ts';
import type { Engine } from './frame.ts';
import { type Plugin, type PluginTable, plugin } from './plugin.ts';
import { bind } from './signature.ts';
import { didYouMean } from './suggest.ts';
import { testTable } from './tests/table.ts';
import type { RenderOptions } from './types.ts';
import { defined, type Given } from './values.ts';

const collection = /^(?:ansible\.(?:builtin|legacy|utils|netcommon|posix)|community\.(?:general|crypto))\./;

function find<T>(table: PluginTable<T>, kind: 'filter' | 'test', name: string, at?: number): Plugin<T> {
  const short = name.replace(collection, '');
  const plugin = table.get(short);
  if (plugin) return plugin;
  const other = kind === 'filter' ? allTests : filterTable;
  const hint = other.has(short)
    ? `'${short}' is a ${kind === 'filter' ? "test: write 'is" : "filter: write '|"} ${short}'`
    : didYouMean(short, table.keys());
  throw new Fault(`there is no ${kind} '${name}'`, {
    code: 'template-syntax',
    hint,
    ...(at === undefined ? {} : { at }),
  });
}

/** `is filter` and `is test`: whether there is one of that name. */
const nameTests = new Map<string, Plugin<boolean>>([
  ['filter', plugin('', (value) => typeof value === 'string' && filterTable.has(value.replace(collection, '')))],
  ['test', plugin('', (value) => typeof value === 'string' && allTests.has(value.replace(collection, '')))],
]);

/** All tests by name. */
export const allTests: PluginTable<boolean> = new Map([...testTable, ...nameTests]);

/** Throws a Fault when there is no such filter or test. */
export function checkPlugin(kind: 'filter' | 'test', name: string, at: number): void {
  if (kind === 'filter') find(filterTable, kind, name, at);
  else find(allTests, kind, name, at);
}

function apply<T>(plugin: Plugin<T>, what: string, value: unknown, given: Given, options: RenderOptions): T {
  if (!plugin.lenient) {
    defined(value);
    given.positional.forEach(defined);
    for (const argument of given.named.values()) defined(argument);
  }
  return plugin.run(value, bind(what, plugin.signature, given), engine(options));
}

const engine = (options: RenderOptions): Engine => ({
  options,
  filter: (name, value, given) => applyFilter(name, value, given, options),
  test: (name, value, given) => applyTest(name, value, given, options),
});

export function applyFilter(name: string, value: unknown, given: Given, options: RenderOptions): unknown {
  return apply(find(filterTable, 'filter', name), `filter '${name}'`, value, given, options);
}

export function applyTest(name: string, value: unknown, given: Given, options: RenderOptions): boolean {
  return apply(find(allTests, 'test', name), `test '${name}'`, value, given, options);
}
