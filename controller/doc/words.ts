import { entryKeywords, importKeyword, includeKeywords, playKeywords } from '../playbook/keywords/keyword-schemas.ts';
import { keywords } from '../playbook/keywords/keywords.ts';
import { banner } from '../report/format.ts';
import { filterTable } from '../template/filters/table.ts';
import type { PluginTable } from '../template/plugin.ts';
import { allTests } from '../template/plugins.ts';
import type { Signature } from '../template/render/signature.ts';
import { type EntryKind, entryKinds } from './kinds.ts';
import { wrap } from './module-text.ts';
import { filterSummaries } from './summaries/filters.ts';
import { lookupSummaries } from './summaries/lookups.ts';
import { testSummaries } from './summaries/tests.ts';

/** What stands in playbooks beside modules. */
export interface Word {
  readonly kind: Exclude<EntryKind, 'module'>;
  readonly name: string;
  /** How it is written; of a keyword, where. */
  readonly form: string;
  readonly summary: string;
}

const entryPlaces: readonly (readonly [string, ReadonlySet<string>])[] = [
  ['blocks', keywords.block],
  ['tasks', keywords.task],
  ['roles', keywords.role],
];

/** Where each keyword stands, by what it means there. */
function keywordWords(): Word[] {
  const word = (name: string, { description }: Readonly<Record<string, unknown>>, places: readonly string[]): Word => ({
    kind: 'keyword',
    name,
    form: `of ${places.join(', ')}`,
    summary: String(description),
  });
  const ofEntries = (name: string) => entryPlaces.flatMap(([place, names]) => (names.has(name) ? [place] : []));
  const isTheSame = (name: string) => playKeywords[name]?.description === entryKeywords[name]?.description;
  return [
    ...Object.entries(playKeywords).map(([name, schema]) =>
      word(name, schema, ['plays', ...(isTheSame(name) ? ofEntries(name) : [])]),
    ),
    ...Object.entries(entryKeywords).flatMap(([name, schema]) =>
      isTheSame(name) ? [] : [word(name, schema, ofEntries(name))],
    ),
    ...Object.entries(includeKeywords).map(([name, schema]) => word(name, schema, ['tasks'])),
    word('import_playbook', importKeyword, ['playbooks']),
  ];
}

function argumentsText({ names, required, byPosition, rest, options }: Signature): string {
  const optional = (name: string, at: number) => (at < required ? name : `${name}?`);
  const marked = names.map(optional);
  if (rest) marked.splice(byPosition, 0, '...');
  return [...marked, ...(options ? ['name=...'] : [])].join(', ');
}

function pluginWords(
  kind: 'filter' | 'test',
  table: PluginTable<unknown>,
  summaries: Readonly<Record<string, string>>,
) {
  return [...table].map(([name, { signature }]): Word => {
    const given = argumentsText(signature);
    const call = given === '' ? name : `${name}(${given})`;
    return {
      kind,
      name,
      form: kind === 'filter' ? `value | ${call}` : `value is ${call}`,
      summary: summaries[name] ?? '',
    };
  });
}

/** All of them, by kind and name. */
export function words(): readonly Word[] {
  const lookups = Object.entries(lookupSummaries).map(
    ([name, summary]): Word => ({ kind: 'lookup', name, form: `lookup('${name}', term, ...)`, summary }),
  );
  return [
    ...keywordWords(),
    ...pluginWords('filter', filterTable, filterSummaries),
    ...pluginWords('test', allTests, testSummaries),
    ...lookups,
  ].sort((a, b) => entryKinds.indexOf(a.kind) - entryKinds.indexOf(b.kind) || (a.name < b.name ? -1 : 1));
}

/** One of them for people. */
export function wordText({ kind, name, form, summary }: Word): string {
  const heading = banner(kind === 'keyword' ? `${name} (keyword ${form})` : `${name} (${kind})`);
  const written = kind === 'keyword' ? [] : ['', `  ${form}`];
  return `${[heading, ...wrap(summary, '', 100), ...written].join('\n')}\n`;
}
