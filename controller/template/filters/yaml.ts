import { type Document, parseAllDocuments, parseDocument, type ScalarTag, type Tags } from 'yaml';
import { asInteger, asText } from '../coerce.ts';
import { truth } from '../compare.ts';
import { Fault } from '../fault.ts';
import { normal } from '../integer.ts';
import { plugin } from '../plugin.ts';
import { readStamp } from '../read-time.ts';
import { numberOf } from '../values.ts';
import { dumpYaml } from '../yaml-dump.ts';

/** Types that are more than plain data, and those that PyYAML reads in its own way. */
const replaced = ['binary', 'omap', 'pairs', 'set', 'timestamp', 'bool', 'float'].map(
  (name) => `tag:yaml.org,2002:${name}`,
);

const special: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
};

/** Without `y` and `n`. */
const bool: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test: /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  resolve: (text) => /^(?:y|t|on)/i.test(text),
};

/** Whole numbers of any length are exact. */
function exactInteger(tag: ScalarTag): ScalarTag {
  return {
    ...tag,
    resolve: (text, onError, options) => {
      const value = tag.resolve(text, onError, { ...options, intAsBigInt: true });
      return typeof value === 'bigint' ? normal(value) : value;
    },
  };
}

/** A dot is needed, and a sign before the exponent: `e0` and `1e5` are text. */
const float: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  test: /^(?:[-+]?(?:\d[\d_]*\.[\d_]*|\.\d[\d_]*)(?:[eE][-+]\d+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  resolve: (text) => special[text.toLowerCase().replace('.', '')] ?? Number(text.replaceAll('_', '')),
};

/** A time has blanks or a `T` before it. */
const timestamp: ScalarTag = {
  tag: 'tag:yaml.org,2002:timestamp',
  default: true,
  test: /^\d{4}-\d\d?-\d\d?(?:(?:[Tt]|[ \t]+).*)?$/,
  resolve: (text, onError) => {
    try {
      return readStamp(text) ?? text;
    } catch (error) {
      onError(error instanceof Fault ? error.message : String(error));
      return text;
    }
  },
};

const syntax = {
  version: '1.1',
  merge: true,
  customTags: (tags: Tags): Tags => [
    ...tags
      .filter((tag) => typeof tag === 'string' || !replaced.includes(tag.tag))
      .map((tag) =>
        typeof tag === 'object' && tag.tag === 'tag:yaml.org,2002:int' ? exactInteger(tag as ScalarTag) : tag,
      ),
    bool,
    float,
    timestamp,
  ],
} as const;

function documentValue(document: Document.Parsed): unknown {
  const [error] = document.errors;
  if (error) throw new Fault(`the text is not YAML: ${error.message.split('\n')[0]}`);
  return document.toJS({ mapAsMap: true, maxAliasCount: 100 }) as unknown;
}

function parseAll(text: string): unknown[] {
  const documents = parseAllDocuments(text, syntax);
  return 'empty' in documents ? [] : documents.map(documentValue);
}

const dumper = (indent: number, flow: boolean | undefined) =>
  plugin(
    'indent?, default_flow_style?, sort_keys?, width?, explicit_start?, explicit_end?, **options',
    (value, [given, style, sort, width, start, end]) =>
      dumpYaml(value, {
        indent: asInteger(given ?? undefined, 'indent', indent),
        flow: style === undefined ? flow : style === null ? undefined : truth(style),
        sortKeys: truth(sort ?? true),
        width: numberOf(width ?? 80) ?? 80,
        explicitStart: truth(start ?? false),
        explicitEnd: truth(end ?? false),
      }),
  );

export const yamlFilters = {
  to_yaml: dumper(2, undefined),
  to_nice_yaml: dumper(4, false),
  from_yaml: plugin('', (value) => documentValue(parseDocument(asText(value, 'value'), syntax))),
  from_yaml_all: plugin('', (value) => parseAll(asText(value, 'value'))),
};
