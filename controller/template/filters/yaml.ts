import { type Document, parseAllDocuments, parseDocument, type Scalar, type ScalarTag, type Tags, visit } from 'yaml';
import { Fault } from '../fault.ts';
import { plugin } from '../plugin.ts';
import { asInteger, asList, printed } from '../python/coerce.ts';
import { truth } from '../python/compare.ts';
import { mapEntries } from '../python/mapping.ts';
import { isMapping, numberOf, typeName } from '../python/values.ts';
import { cutBlock } from '../yaml/block-end.ts';
import { plainScalar } from '../yaml/plain-scalar.ts';
import { NestedTooDeeply, requireShallow } from '../yaml/shallow.ts';
import { dumpYaml } from '../yaml/yaml-dump.ts';
import type { ScalarStyle } from '../yaml/yaml-layout.ts';
import { scalarTags } from '../yaml/yaml-tags.ts';

/** What PyYAML makes of a scalar; a text that is no such thing is an error. */
function scalar(tag: string, takes: string, read: (text: string) => unknown): ScalarTag {
  return {
    tag,
    resolve: (text, onError) => {
      try {
        const value = read(text);
        if (value === undefined) onError(`'${text}' is not ${takes}`);
        return value;
      } catch (error) {
        onError(error instanceof Fault ? error.message : String(error));
        return null;
      }
    },
  };
}

/** As files are read; other than there, `set` and its like are the mappings and lists that they look like. */
const syntax = {
  version: '1.1',
  schema: 'failsafe',
  merge: true,
  uniqueKeys: false,
  resolveKnownTags: false,
  logLevel: 'silent',
  customTags: (tags: Tags): Tags => [
    ...tags,
    ...[...scalarTags].map(([tag, { takes, read }]) => scalar(tag, takes, read)),
    { ...scalar('plain', 'a text', plainScalar), default: true, test: /^/ },
  ],
} as const;

function documentValue(document: Document.Parsed, text: string): unknown {
  // Tags that nothing knows are only worth a warning to the library, as are those that `syntax` passes over.
  const isUnknown = ({ code, message }: { code: string; message: string }) =>
    code === 'TAG_RESOLVE_FAILED' && !/:(?:set|omap|pairs) /.test(message);
  const error = document.errors[0] ?? document.warnings.find(isUnknown);
  const cut = (_: unknown, node: Scalar) => {
    if (typeof node.value === 'string') node.value = cutBlock(node, node.value, text);
  };
  if (error) throw new Fault(`the text is not YAML: ${error.message.split('\n')[0]}`);
  try {
    if (!text.endsWith('\n')) visit(document, { Scalar: cut });
    return document.toJS({ mapAsMap: true, maxAliasCount: 100 }) as unknown;
  } catch (cause) {
    // Aliases that expand without end or lead nowhere, wrong merges, and what is nested too deeply are found only now.
    throw new Fault(`the text is not YAML: ${cause instanceof Error ? cause.message : cause}`);
  }
}

/** What a host says may be meant to end the process that reads it. */
function shallowText(text: string): string {
  try {
    requireShallow(text);
    return text;
  } catch (error) {
    if (!(error instanceof NestedTooDeeply)) throw error;
    throw new Fault(`the text is not YAML: ${error.message}`);
  }
}

function parseAll(text: string): unknown[] {
  const documents = parseAllDocuments(shallowText(text), syntax);
  return 'empty' in documents ? [] : documents.map((document) => documentValue(document, text));
}

/** `version` of a document: [1, 1]. */
function versionOf(given: unknown): string | undefined {
  if (given === undefined || given === null) return undefined;
  return asList(given)
    .map((part) => asInteger(part, 'version'))
    .join('.');
}

/** `tags`: what they begin with, by their handles. */
function tagsOf(given: unknown): ReadonlyMap<string, string> | undefined {
  if (given === undefined || given === null) return undefined;
  if (!isMapping(given)) throw new Fault(`'tags' must be a dict, not ${typeName(given)}`);
  return new Map(mapEntries(given).map(([handle, prefix]) => [printed(handle), printed(prefix)]));
}

function styleOf(given: unknown): ScalarStyle | undefined {
  if (given === undefined || given === null || given === '') return undefined;
  if (given === "'" || given === '"' || given === '|' || given === '>') return given;
  throw new Fault(`'default_style' must be ', ", | or >, not ${printed(given)}`);
}

// `line_break` and `encoding` are taken, and change nothing of a text.
const dumper = (indent: number, flow: boolean | undefined) =>
  plugin(
    'indent?, default_flow_style?, sort_keys?, width?, explicit_start?, explicit_end?, default_style?, version?, line_break?, encoding?, dump_vault_tags?, tags?, canonical?',
    (value, [given, style, sort, width, start, end, scalars, version, , , , tags, canonical]) =>
      dumpYaml(value, {
        indent: asInteger(given ?? undefined, 'indent', indent),
        flow: style === undefined ? flow : style === null ? undefined : truth(style),
        sortKeys: truth(sort ?? true),
        width: numberOf(width ?? 80) ?? 80,
        explicitStart: truth(start ?? false),
        explicitEnd: truth(end ?? false),
        style: styleOf(scalars),
        version: versionOf(version),
        tags: tagsOf(tags),
        canonical: truth(canonical ?? false),
      }),
  );

export const yamlFilters = {
  to_yaml: dumper(2, undefined),
  to_nice_yaml: dumper(4, false),
  // What is no text stays as it is.
  from_yaml: plugin('', (value) =>
    typeof value === 'string' ? documentValue(parseDocument(shallowText(value), syntax), value) : value,
  ),
  from_yaml_all: plugin('', (value) => (typeof value === 'string' ? parseAll(value) : (value ?? []))),
};
