import { compare } from '../python/compare.ts';
import { mapEntries } from '../python/mapping.ts';
import { Moment } from '../python/moment.ts';
import { floatText, str } from '../python/text.ts';
import { isFloat, type Mapping, numberOf } from '../python/values.ts';
import type { LineLayout } from './yaml-scalar-writer.ts';

/** In quotes, or as a block of lines: as they are, or folded. */
export type ScalarStyle = "'" | '"' | '|' | '>';

export interface YamlLayout extends LineLayout {
  /** true: all in one line; false: nothing; undefined: what holds no list or dict itself. */
  readonly flow: boolean | undefined;
  readonly sortKeys: boolean;
  readonly explicitStart: boolean;
  readonly explicitEnd: boolean;
  /** Of all scalars; what is no text then has the tag `!`. */
  readonly style?: ScalarStyle | undefined;
  /** Of the document, told at its start: "1.1". */
  readonly version?: string | undefined;
  /** What tags begin with, by their handles. */
  readonly tags?: ReadonlyMap<string, string> | undefined;
  /** Every value in a line of its own, with its tag. */
  readonly canonical?: boolean;
  /** A list or dict that stands in several places is written once and named there (&id001, *id001). */
  readonly anchors?: boolean;
}

/** Text of what is no text; undefined for text. */
export function plainForm(value: unknown): string | undefined {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Moment) return value.text;
  const number = numberOf(value);
  if (number === undefined) return undefined;
  if (!isFloat(value)) return str(value);
  // A float of YAML 1.1 has a dot.
  if (Number.isFinite(number)) return floatText(number).replace(/^(-?\d+)e/, '$1.0e');
  return Number.isNaN(number) ? '.nan' : number > 0 ? '.inf' : '-.inf';
}

/** The entries of a dict in the order in which they are written. */
export function sortedEntries(map: Mapping, { sortKeys }: Pick<YamlLayout, 'sortKeys'>): [unknown, unknown][] {
  const entries = mapEntries(map);
  // Python gives up sorting where texts and numbers meet.
  const kinds = new Set(entries.map(([key]) => typeof key === 'string'));
  return sortKeys && kinds.size < 2 ? entries.sort(([a], [b]) => compare(a, b)) : entries;
}

/** What is said before the document. */
export function directivesOf({ version, tags = new Map() }: YamlLayout): string {
  const prefixes = [...tags]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([handle, prefix]) => `%TAG ${handle} ${prefix}\n`);
  return `${version === undefined ? '' : `%YAML ${version}\n`}${prefixes.join('')}`;
}
