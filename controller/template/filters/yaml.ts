import { type Document, parseAllDocuments, parseDocument } from 'yaml';
import { asInteger, asText } from '../coerce.ts';
import { truth } from '../compare.ts';
import { Fault } from '../fault.ts';
import { plugin } from '../plugin.ts';
import { dumpYaml } from '../yaml-dump.ts';

/** Ansible reads YAML 1.1. */
const syntax = { version: '1.1', merge: true } as const;

function documentValue(document: Document.Parsed): unknown {
  const [error] = document.errors;
  if (error) throw new Fault(`the text is not YAML: ${error.message.split('\n')[0]}`);
  return document.toJS({ mapAsMap: true, maxAliasCount: 100 }) as unknown;
}

function parseAll(text: string): unknown[] {
  const documents = parseAllDocuments(text, syntax);
  return 'empty' in documents ? [] : documents.map(documentValue);
}

/** `flow`: true writes all in one line, false nothing, undefined what holds no list or dict itself. */
const dumper = (indent: number, flow: boolean | undefined) =>
  plugin('indent?, default_flow_style?, sort_keys?, **options', (value, [given, style, sort]) =>
    dumpYaml(value, {
      indent: asInteger(given ?? undefined, 'indent', indent),
      flow: style === undefined ? flow : style === null ? undefined : truth(style),
      sortKeys: truth(sort ?? true),
    }),
  );

export const yamlFilters = {
  to_yaml: dumper(2, undefined),
  to_nice_yaml: dumper(4, false),
  from_yaml: plugin('', (value) => documentValue(parseDocument(asText(value, 'value'), syntax))),
  from_yaml_all: plugin('', (value) => parseAll(asText(value, 'value'))),
};
