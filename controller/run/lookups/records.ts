import { dirname } from 'node:path';
import { readSourceFile } from '../../source/read-file.ts';
import { firstThere } from '../../source/used-files.ts';
import { compileFile } from '../../template/compile.ts';
import { csvRows } from '../../template/formats/csv.ts';
import { iniSections, interpolated } from '../../template/formats/ini.ts';
import { standardSyntax } from '../../template/parse/syntax.ts';
import { findFirst } from '../../template/python/regex.ts';
import type { Lookup, Scope } from '../../template/types.ts';
import { templateVariables } from '../../vars/template-variables.ts';
import { rememberOf } from '../../vault/vault.ts';
import { templatesIn } from '../task/template-search.ts';
import { places } from './files.ts';
import { mergeVariables } from './merge-variables.ts';
import { isYes, listOf, lookupError, optionOf, readTerm, textOption } from './terms.ts';

type Marks = (typeof standardSyntax)['variable'];

type Search = () => readonly string[];

function found(lookup: string, name: string, kind: string, search: Search): string {
  const path = firstThere(places(name, kind, search()));
  if (path !== undefined) return path;
  throw lookupError(lookup, `No such file or directory: "${name}"`, `looked in ${search().join(', ')}`);
}

function csvCell(term: unknown, given: Readonly<Record<string, unknown>>, search: Search): unknown[] {
  const names = ['file', 'delimiter', 'col', 'default', 'encoding', 'keycol'];
  const { rest: key, options } = readTerm(term, names, true);
  if (key === '') throw lookupError('csvfile', 'Search key is required but was not found');
  const other = /(?:^|\s)(\w+)=/.exec(key)?.[1];
  if (other !== undefined) throw lookupError('csvfile', `'${other}' is not a valid option`);
  const option = (name: string, otherwise: string) => textOption(optionOf(name, given, options), otherwise);
  const delimiter = option('delimiter', 'TAB');
  const file = found('csvfile', option('file', 'ansible.csv'), 'files', search);
  const text = readSourceFile(file, option('encoding', 'utf-8'));
  const rows = csvRows(text, delimiter === 'TAB' || delimiter === 't' ? '\t' : delimiter);
  const column = (name: string, otherwise: string) => {
    const text = option(name, otherwise);
    if (/^\d+$/.test(text)) return Number(text);
    throw lookupError('csvfile', `'${name}' must be a whole number, not '${text}'`);
  };
  const row = rows.find((each) => each[column('keycol', '0')] === key);
  const otherwise = optionOf('default', given, options);
  if (row === undefined) return otherwise === undefined ? [] : [otherwise];
  const cell = row[column('col', '1')];
  if (cell === undefined) throw lookupError('csvfile', `list index out of range: the row has ${row.length} columns`);
  return rememberOf(file, [cell]);
}

function iniValue(term: unknown, given: Readonly<Record<string, unknown>>, search: Search): unknown[] {
  const flags = ['case_sensitive', 'allow_no_value', 'allow_none', 'interpolation'];
  const names = ['type', 'section', 'file', 're', 'default', 'encoding', ...flags];
  const { rest: key, options } = readTerm(term, names);
  const option = (name: string, otherwise: string) => textOption(optionOf(name, given, options), otherwise);
  const properties = option('type', 'ini') === 'properties';
  const caseSensitive = isYes(optionOf('case_sensitive', given, options));
  const flag = (name: string, otherwise = false) => isYes(optionOf(name, given, options), otherwise);
  const file = found('ini', option('file', 'ansible.ini'), 'files', search);
  const bareNames = flag('allow_no_value') || flag('allow_none');
  const sections = iniSections(readSourceFile(file, option('encoding', 'utf-8')), { caseSensitive, bareNames });
  if (!properties && sections.get('')?.size !== 0) throw lookupError('ini', 'File contains no section headers.');
  const wanted = properties ? '' : option('section', 'global');
  if (!properties && wanted !== 'DEFAULT' && !sections.has(wanted)) {
    throw lookupError('ini', `No section '${wanted}' in '${option('file', 'ansible.ini')}'.`);
  }
  const values = new Map([...(sections.get('DEFAULT') ?? []), ...(sections.get(wanted) ?? [])]);
  const said = (value: string | null) =>
    value === null ? [] : [flag('interpolation', true) ? interpolated(value, values) : value];
  if (isYes(optionOf('re', given, options))) {
    const fits = (name: string) => findFirst(key, name, { ignoreCase: false, multiline: false }, 'match') !== undefined;
    const those = [...values].filter(([name]) => fits(name)).map(([, value]) => said(value)[0] ?? '');
    return rememberOf(file, those);
  }
  const value = values.get(caseSensitive ? key : key.toLowerCase());
  return value === undefined
    ? [...listOf(given.default ?? options.get('default') ?? '')]
    : rememberOf(file, said(value));
}

/** Lookups that take values out of files of this workstation, or render them. */
export function recordLookups(search: Search): Readonly<Record<string, Lookup>> {
  return {
    csvfile: (terms, options) => (terms.length === 0 ? [''] : terms).flatMap((term) => csvCell(term, options, search)),
    ini: (terms, options) => terms.flatMap((term) => iniValue(term, options, search)),
    template: (terms, options, rendering) =>
      terms.map((term) => {
        const { scope } = rendering;
        const file = found('template', String(term), 'templates', search);
        const said = (options.template_vars ?? {}) as Readonly<Record<string, unknown>>;
        const more = Object.defineProperties(
          templateVariables(file, scope, String(term)),
          Object.getOwnPropertyDescriptors(said),
        );
        const inside: Scope = {
          has: (name) => Object.hasOwn(more, name) || scope.has(name),
          get: (name) => (Object.hasOwn(more, name) ? more[name] : scope.get(name)),
          names: () => [...Object.keys(more), ...scope.names()],
        };
        const marks = ([start, end]: Marks, what: string): Marks => [
          textOption(options[`${what}_start_string`], start),
          textOption(options[`${what}_end_string`], end),
        ];
        const syntax = {
          trimBlocks: isYes(options.trim_blocks, true),
          lstripBlocks: isYes(options.lstrip_blocks),
          variable: marks(standardSyntax.variable, 'variable'),
          block: marks(standardSyntax.block, 'block'),
          comment: marks(standardSyntax.comment, 'comment'),
        };
        const text = compileFile(readSourceFile(file), file, syntax);
        const readTemplate = templatesIn([dirname(file), ...search()]);
        return text.render({ ...rendering, scope: inside, readTemplate });
      }),
    merge_variables: (terms, options, { scope }) => terms.map((term) => mergeVariables(term, options, scope)),
    unvault: (terms) => terms.map((term) => readSourceFile(found('unvault', String(term), 'files', search))),
  };
}
