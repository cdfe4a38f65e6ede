import { Composer, type Document, isNode, Parser } from 'yaml';
import { OrchError } from '../../proto/errors.ts';
import { Fault } from '../template/fault.ts';
import { readJson } from '../template/python/json-reader.ts';
import { plainScalar } from '../template/yaml/plain-scalar.ts';
import { NestedTooDeeply, shallow } from '../template/yaml/shallow.ts';
import { rememberOf } from '../vault/vault.ts';
import { lenientParse } from './lenient-parse.ts';
import type { Located } from './located.ts';
import { SourceText } from './place.ts';
import { YamlData } from './yaml-data.ts';
import { yamlErrors } from './yaml-errors.ts';
import { YamlOrigin } from './yaml-origin.ts';

/** Characters; an inventory of 10,000 hosts has about one million. */
const longestText = 16 * 1024 * 1024;

/** Enough to mend a file by; a file that is not YAML at all would give thousands. */
const mostErrors = 25;

export interface LoadedYaml {
  /** One for each document; empty when there are errors. */
  readonly documents: readonly Located[];
  readonly errors: readonly OrchError[];
}

/**
 * Reads YAML with the meaning that Ansible gives it (YAML 1.1 as PyYAML reads it), keeping positions.
 * Never throws for the sake of the text: all its errors are returned, in the order of their places.
 */
export function loadYaml(text: string, file: string): LoadedYaml {
  // A mark of the byte order says nothing, and would stand in the first line's indentation.
  const source = new SourceText(file, text.replace(/^\uFEFF/, ''));
  if (text.length > longestText) {
    return failed(source, `the file is larger than ${longestText / 1024 / 1024} million characters`);
  }
  try {
    return parse(source);
  } catch (error) {
    if (error instanceof NestedTooDeeply) return failed(source, 'the file is nested too deeply', error.offset);
    throw error;
  }
}

function failed(source: SourceText, summary: string, offset = 0): LoadedYaml {
  const error = new OrchError({ code: 'yaml-syntax', summary, where: source.place(offset) });
  return { documents: [], errors: [error] };
}

// Scalars are resolved and keys compared by YamlData: the library's way of finding equal keys takes quadratic time.
const options = {
  schema: 'failsafe',
  uniqueKeys: false,
  prettyErrors: false,
  resolveKnownTags: false,
  logLevel: 'silent',
} as const;

/** Documents as YAML has them; where that finds errors, as PyYAML does, unless it finds some too. */
function documentsOf(text: string): readonly Document.Parsed[] {
  const strict = [...new Composer(options).compose(shallow(new Parser().parse(text)))] as Document.Parsed[];
  if (strict.every(({ errors }) => errors.length === 0)) return strict;
  const lenient = lenientParse(text, options);
  return lenient.every(({ errors }) => errors.length === 0) ? lenient : strict;
}

/** Ansible takes JSON for what it is: there, other than in YAML, 1e5 is a number. */
function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text) || !/\d[eE][-+]?\d|NaN|Infinity/.test(text)) return false;
  try {
    readJson(text);
    return true;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

function parse(source: SourceText): LoadedYaml {
  const parsed = documentsOf(source.text);
  const errors = parsed.flatMap((document) => yamlErrors(document, source));
  const sound = errors.length === 0;
  const scalarOf = isJson(source.text) ? readJson : plainScalar;
  const documents: Located[] = [];
  for (const document of parsed) {
    const data = new YamlData(source, scalarOf);
    const value = rememberOf(source.file, data.convert(document.contents));
    // After a syntax error the rest of the tree is guesswork, but an unquoted template is what it looks like.
    const trusted = sound ? data.errors : data.errors.filter((e) => e.code === 'yaml-unquoted-template');
    errors.push(...trusted.filter((error) => !errors.some((other) => samePlace(other, error))));
    const root = isNode(document.contents) ? document.contents : undefined;
    documents.push({ value, origin: new YamlOrigin(source, root, data.targets), path: [] });
  }
  return { documents: errors.length > 0 ? [] : documents, errors: errors.sort(byPlace).slice(0, mostErrors) };
}

function samePlace(a: OrchError, b: OrchError): boolean {
  return byPlace(a, b) === 0;
}

/** Order of errors of input: by file, line and column; those without a file last. */
export function byPlace(a: OrchError, b: OrchError): number {
  const [x, y] = [a.where, b.where];
  if (!x || !('file' in x)) return y && 'file' in y ? 1 : 0;
  if (!y || !('file' in y)) return -1;
  if (x.file !== y.file) return x.file < y.file ? -1 : 1;
  return x.line - y.line || x.column - y.column;
}
