import { Fault } from '../fault.ts';
import { csvRows } from '../formats/csv.ts';
import { iniSections } from '../formats/ini.ts';
import { search } from '../jmespath/search.ts';
import { plugin } from '../plugin.ts';
import { asList, asText, printed } from '../python/coerce.ts';
import { truth } from '../python/compare.ts';
import { integerOf } from '../python/integer.ts';
import { mapEntries } from '../python/mapping.ts';
import { toPlain } from '../python/plain.ts';
import { PythonRandom } from '../python/python-random.ts';
import { str } from '../python/text.ts';
import { defined, isList, isMapping, typeName } from '../python/values.ts';
import { keyTest } from './key-test.ts';

/** Dialects of Python's csv module, by their delimiters. */
const delimiters: Readonly<Record<string, string>> = { excel: ',', unix: ',', 'excel-tab': '\t' };

interface CsvOptions {
  readonly delimiter: unknown;
  readonly skipinitialspace: unknown;
  readonly strict: unknown;
}

function fromCsv(text: string, dialect: string, names: unknown, options: CsvOptions): unknown[] {
  const usual = Object.hasOwn(delimiters, dialect) ? delimiters[dialect] : undefined;
  if (usual === undefined) {
    throw new Fault(`there is no CSV dialect '${dialect}'`, { hint: `one of ${Object.keys(delimiters).join(', ')}` });
  }
  const { delimiter, skipinitialspace, strict } = options;
  const rows = csvRows(text, delimiter === undefined ? usual : asText(delimiter, 'delimiter'), {
    skipsBlanks: truth(skipinitialspace ?? false),
    strict: truth(strict ?? false),
  });
  const given = names === undefined ? undefined : asList(names).map(printed);
  const header = given ?? rows.shift() ?? [];
  return rows.map((row) => new Map(header.map((name, at) => [name, row[at] ?? null])));
}

function fromIni(text: string): unknown {
  const sections = iniSections(text, { caseSensitive: true });
  if ((sections.get('')?.size ?? 0) > 0) throw new Fault('the text is no INI: a value stands before the first section');
  sections.delete('');
  const defaults = sections.get('DEFAULT') ?? new Map<string, string | null>();
  sections.delete('DEFAULT');
  const all = [...sections].map(([name, values]) => [name, new Map([...defaults, ...values])] as const);
  return new Map([...all, ...(defaults.size > 0 ? [['DEFAULT', defaults] as const] : [])]);
}

function toIni(value: unknown): string {
  const entries = (of: unknown) => {
    if (isMapping(of)) return mapEntries(of);
    throw new Fault(`'to_ini' needs a dict of dicts, not ${typeName(of)}`);
  };
  const first = (name: unknown) => Number(name !== 'DEFAULT');
  const ordered = entries(value).toSorted(([a], [b]) => first(a) - first(b));
  const sections = ordered.map(([name, values]) => {
    const lines = entries(values).map(([key, each]) => `${printed(key)} = ${printed(each).replaceAll('\n', '\n\t')}\n`);
    return `[${printed(name)}]\n${lines.join('')}\n`;
  });
  return sections.join('').replace(/\n$/, '');
}

/** A MAC address that begins as it is told; `seed`: always the same. */
function randomMac(prefix: string, seed: unknown): string {
  const parts = prefix.toLowerCase().split(':');
  const odd = parts.find((part) => !/^[\da-f]{2}$/.test(part));
  if (parts.length > 5) throw new Fault(`Invalid value (${prefix}) for random_mac: 5 colon(:) separated items max`);
  if (odd !== undefined) throw new Fault(`Invalid value (${prefix}) for random_mac: ${odd} not hexa byte`);
  const whole = integerOf(seed);
  const random = new PythonRandom(whole === undefined ? (seed === undefined ? undefined : str(seed)) : BigInt(whole));
  // As many of ten hexadecimal digits as are missing, of which the first is no 0.
  const digits = (0x1000000000n + random.below(0xf000000000n)).toString(16).slice(0, 2 * (6 - parts.length));
  return [...parts, ...(digits.match(/../g) ?? [])].join(':');
}

/** Values by their way into nested data: `a.b[0]`, `a['odd key']`; the first key stands as it is. */
function paths(value: unknown, way: string, found: Map<unknown, unknown>): Map<unknown, unknown> {
  if (isMapping(value)) {
    if (way !== '' && mapEntries(value).length === 0) found.set(way, value);
    for (const [key, item] of mapEntries(value)) {
      const name = printed(key);
      const step = /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `['${name}']`;
      paths(item, way === '' ? name : `${way}${step}`, found);
    }
  } else if (isList(value)) {
    if (way !== '' && value.length === 0) found.set(way, value);
    for (const [at, item] of value.entries()) paths(item, `${way}[${at}]`, found);
  } else found.set(way, value);
  return found;
}

/** Renames keys of each dict in a list, or of a dict at any depth: `target` has the old names as `before` and the new ones as `after`. */
function replaceKeys(value: unknown, target: unknown, how: string, inDepth: boolean): unknown {
  const changes = asList(target).map((each) => {
    const given = new Map(isMapping(each) ? mapEntries(each) : []);
    return { holds: keyTest(asText(given.get('before'), 'before'), how), after: asText(given.get('after'), 'after') };
  });
  const renamed = (key: unknown) => changes.find(({ holds }) => holds(printed(key)))?.after ?? key;
  const deep = (item: unknown): unknown => {
    if (isList(item)) return item.map(deep);
    return isMapping(item) ? new Map(mapEntries(item).map(([key, each]) => [renamed(key), deep(each)])) : item;
  };
  if (inDepth || isMapping(value)) return deep(value);
  return asList(value).map((item) => {
    if (!isMapping(item)) throw new Fault(`dicts are needed, not ${typeName(item)}`);
    return new Map(mapEntries(item).map(([key, each]) => [renamed(key), each]));
  });
}

const onNames = (inDepth: boolean) =>
  plugin('target, matching_parameter?', (value, [target, how]) =>
    replaceKeys(value, target, asText(how ?? 'equal', 'matching_parameter'), inDepth),
  );

/** Filters of community.general and ansible.utils that read, write and rename. */
export const communityFilters = {
  from_csv: plugin('dialect?, fieldnames?, delimiter?, skipinitialspace?, strict?', (value, args) => {
    const [dialect, names, delimiter, skipinitialspace, strict] = args;
    const options = { delimiter, skipinitialspace, strict };
    return fromCsv(asText(value, 'value'), asText(dialect ?? 'excel', 'dialect'), names, options);
  }),
  from_ini: plugin('', (value) => fromIni(asText(value, 'value'))),
  json_query: plugin('expr', (value, [expression]) => search(asText(expression, 'expr'), toPlain(value))),
  random_mac: plugin('seed?', (value, [seed]) => {
    if (typeof defined(value) === 'string') return randomMac(asText(value, 'value'), seed);
    throw new Fault(`Invalid value type (${typeName(value)}) for random_mac (${printed(value)})`);
  }),
  replace_keys: onNames(false),
  'ansible.utils.replace_keys': onNames(true),
  to_ini: plugin('', (value) => toIni(value)),
  to_paths: plugin('prepend?, wantlist?', (value, [prepend, wantsList]) => {
    const found = paths(value, prepend === undefined ? '' : asText(prepend, 'prepend'), new Map());
    return truth(wantsList ?? false) ? [found] : found;
  }),
  unicode_normalize: plugin('form?', (value, [form]) => {
    const name = asText(form ?? 'NFC', 'form');
    if (!['NFC', 'NFD', 'NFKC', 'NFKD'].includes(name)) throw new Fault(`there is no Unicode form '${name}'`);
    return asText(value, 'value').normalize(name);
  }),
};
