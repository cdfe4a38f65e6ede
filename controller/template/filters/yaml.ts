import { Document, isSeq, parseAllDocuments, parseDocument, visit } from 'yaml';
import { asInteger, asText } from '../coerce.ts';
import { compare, truth } from '../compare.ts';
import { Fault } from '../fault.ts';
import { mapEntries } from '../mapping.ts';
import { toPlain } from '../plain.ts';
import { plugin } from '../plugin.ts';
import { isList, isMapping } from '../values.ts';

interface YamlLayout {
  readonly indent: number;
  readonly flow: boolean | undefined;
  readonly sortKeys: boolean;
  readonly width: number;
}

/** The same with each dict a Map, keys sorted as asked; Map keeps the order of keys that look like numbers. */
function ordered(value: unknown, sortKeys: boolean): unknown {
  if (isList(value)) return value.map((item) => ordered(item, sortKeys));
  if (!isMapping(value)) return value;
  const entries = mapEntries(value).map(([key, item]): [unknown, unknown] => [key, ordered(item, sortKeys)]);
  return new Map(sortKeys ? entries.sort(([a], [b]) => compare(a, b)) : entries);
}

/** YAML laid out as PyYAML's dump() does: lists not indented in their dict, single quotes where needed. */
function dump(value: unknown, { indent, flow, sortKeys, width }: YamlLayout): string {
  if (indent < 1 || indent > 10) throw new Fault("'indent' must be between 1 and 10");
  const document = new Document(ordered(toPlain(value), sortKeys), {
    version: '1.1',
    // A Map is a plain mapping here, not YAML 1.1's ordered one.
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:omap'),
    aliasDuplicateObjects: false,
  });
  // PyYAML's default style: what holds no list or dict is written in one line.
  visit(document, {
    Collection: (_, node) => {
      const leaf = node.items.every((item) => !hasCollection(item));
      node.flow = flow ?? leaf;
      return undefined;
    },
  });
  return document.toString({
    indent,
    indentSeq: false,
    singleQuote: true,
    lineWidth: width,
    flowCollectionPadding: false,
    nullStr: 'null',
  });
}

function hasCollection(item: unknown): boolean {
  if (isSeq(item)) return true;
  if (typeof item !== 'object' || item === null) return false;
  if ('value' in item && 'key' in item) return hasCollection(item.value);
  return 'items' in item;
}

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

const parameters = 'indent?, default_flow_style?, sort_keys?, width?, **options';

const dumper = (standard: { indent: number; flow: boolean | undefined }) =>
  plugin(parameters, (value, [indent, flow, sort, width]) =>
    dump(value, {
      indent: asInteger(indent ?? undefined, 'indent', standard.indent),
      flow: flow === undefined ? standard.flow : flow === null ? undefined : truth(flow),
      sortKeys: truth(sort ?? true),
      width: asInteger(width, 'width', 80),
    }),
  );

export const yamlFilters = {
  to_yaml: dumper({ indent: 2, flow: false }),
  to_nice_yaml: dumper({ indent: 4, flow: false }),
  from_yaml: plugin('', (value) => documentValue(parseDocument(asText(value, 'value'), syntax))),
  from_yaml_all: plugin('', (value) => parseAll(asText(value, 'value'))),
};
