import { ownPlugins } from '../../custom/own-plugins.ts';
import type { Lookup } from '../../template/types.ts';
import { configLookup } from './config.ts';
import { fileLookups } from './files.ts';
import { filetree } from './filetree.ts';
import { listLookups } from './lists.ts';
import { madeLookups } from './made.ts';
import { recordLookups } from './records.ts';

/** All lookups of a task. `search`: folders in which its relative paths are looked for. */
export function lookupsFor(search: () => readonly string[]): Readonly<Record<string, Lookup>> {
  return {
    config: configLookup,
    ...listLookups,
    ...fileLookups(search),
    filetree: filetree(search),
    ...recordLookups(search),
    ...madeLookups(search),
    ...ownPlugins().lookups(),
  };
}

/** The lookup of a collection that a full name means. */
export const lookupOf = (name: string): Lookup | undefined => ownPlugins().lookupOf(name);
