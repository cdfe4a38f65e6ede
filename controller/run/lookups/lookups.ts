import { ownPlugins } from '../../custom/own-plugins.ts';
import type { Lookup } from '../../template/types.ts';
import { Pending } from '../signals.ts';
import { configLookup } from './config.ts';
import { fileLookups, programLookups } from './files.ts';
import { filetree } from './filetree.ts';
import { listLookups } from './lists.ts';
import { madeLookups } from './made.ts';
import { recordLookups } from './records.ts';

type Search = () => readonly string[];

const readingLookups = (search: Search): Readonly<Record<string, Lookup>> => ({
  config: configLookup,
  ...listLookups,
  ...fileLookups(search),
  filetree: filetree(search),
  ...recordLookups(search),
});

/** Those that run, write, or ask others. */
const doingLookups = (search: Search): Readonly<Record<string, Lookup>> => ({
  ...programLookups(search),
  ...madeLookups(search),
  ...ownPlugins().lookups(),
});

/** All lookups of a task. `search`: folders in which its relative paths are looked for. */
export const lookupsFor = (search: Search): Readonly<Record<string, Lookup>> => ({
  ...readingLookups(search),
  ...doingLookups(search),
});

/** What a lookup answers that nobody asks is not known. */
export const neverAsked: Lookup = () => {
  throw new Pending(Promise.resolve());
};

/** The same, of which only those that read what is here are asked. */
export function readOnlyLookups(search: Search): Readonly<Record<string, Lookup>> {
  const others = Object.keys(doingLookups(search)).map((name): [string, Lookup] => [name, neverAsked]);
  return { ...readingLookups(search), ...Object.fromEntries(others) };
}

/** The lookup of a collection that a full name means. */
export const lookupOf = (name: string): Lookup | undefined => ownPlugins().lookupOf(name);
