import { ownPlugins } from '../../custom/own-plugins.ts';
import type { Lookup } from '../../template/types.ts';
import { configLookup } from './config.ts';
import { fileLookups, programLookups } from './files.ts';
import { filetree } from './filetree.ts';
import { listLookups } from './lists.ts';
import { madeLookups } from './made.ts';
import { recordLookups } from './records.ts';

type Search = () => readonly string[];

/** Those that only read what is here: nothing is run, written or asked of others by them. */
export function readingLookups(search: Search): Readonly<Record<string, Lookup>> {
  return {
    config: configLookup,
    ...listLookups,
    ...fileLookups(search),
    filetree: filetree(search),
    ...recordLookups(search),
  };
}

/** All lookups of a task. `search`: folders in which its relative paths are looked for. */
export function lookupsFor(search: Search): Readonly<Record<string, Lookup>> {
  return {
    ...readingLookups(search),
    ...programLookups(search),
    ...madeLookups(search),
    ...ownPlugins().lookups(),
  };
}

/** The lookup of a collection that a full name means. */
export const lookupOf = (name: string): Lookup | undefined => ownPlugins().lookupOf(name);
