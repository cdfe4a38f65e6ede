// What `orch doc` shows. In the built program this is a file of its own: modules are without their documentation elsewhere.
import { registry as modules } from '../../agent/modules/registry.gen.ts';
import { internalModules } from '../../agent/modules/shared/internal.ts';
import { registry as actions } from '../actions/registry.gen.ts';
import type { EntryKind } from './kinds.ts';
import { type Documented, moduleText, parameterSchema } from './module-text.ts';
import { words, wordText } from './words.ts';

/** Something that has a page of its own. */
export interface Entry {
  readonly kind: EntryKind;
  readonly name: string;
  readonly summary: string;
  /** For people. */
  text(): string;
  /** For programs: of a module its parameters as JSON Schema. */
  json(): unknown;
}

/** All that playbooks are written with, by kind and name; an action stands for the module of its name. */
export function entries(): readonly Entry[] {
  const all = new Map<string, Documented>([...modules, ...actions]);
  for (const name of internalModules) all.delete(name);
  return [
    ...[...all.values()]
      .sort((a, b) => a.name.localeCompare(b.name))
      .map((module) => ({
        kind: 'module' as const,
        name: module.name,
        summary: module.summary,
        text: () => moduleText(module),
        json: () => parameterSchema(module),
      })),
    ...words().map((word) => ({ ...word, text: () => wordText(word), json: () => word })),
  ];
}

/** All of them, a line each. */
export function entryList(entries: readonly Pick<Entry, 'name' | 'summary'>[]): string {
  const width = Math.max(...entries.map(({ name }) => name.length)) + 2;
  return entries.map(({ name, summary }) => `${name.padEnd(width)}${summary}\n`).join('');
}
