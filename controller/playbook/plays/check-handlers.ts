import { basename } from 'node:path';
import { OrchError } from '../../../proto/errors.ts';
import { didYouMean } from '../../template/suggest.ts';
import type { Entry, Play, Playbook } from '../types.ts';
import { isTemplate } from '../values/template-check.ts';
import { anyEntry } from './any-entry.ts';

interface Topics {
  /** What a task may notify. */
  readonly names: Set<string>;
  /** True when handlers can come from a file, or have a name, that only the run knows. */
  open: boolean;
}

function addHandler(entry: Entry, roles: readonly string[], topics: Topics): void {
  if (entry.kind === 'block') {
    for (const inner of entry.block)
      addHandler(inner, entry.role ? [entry.role.name, basename(entry.role.path)] : roles, topics);
    return;
  }
  if (entry.name && isTemplate(entry.name.value)) topics.open = true;
  for (const word of [...entry.listen, ...(entry.name ? [entry.name.value] : [])]) {
    topics.names.add(word);
    for (const role of roles) topics.names.add(`${role} : ${word}`);
  }
}

/** Handlers of a play, and of the roles that its tasks include. */
function topicsOf({ entries, handlers }: Play): Topics {
  const topics: Topics = { names: new Set(), open: false };
  for (const handler of handlers) addHandler(handler, [], topics);
  anyEntry([...entries, ...handlers], (entry) => {
    if (entry.kind !== 'include') return false;
    // Of a role that is known already its handlers are there, too.
    for (const inner of entry.handlers ?? []) addHandler(inner, [], topics);
    if (!entry.entries) topics.open = true;
    return false;
  });
  return topics;
}

/** What is said of a notification that means no handler, in the words that people look for. */
export function unheard(topic: string): string {
  return `The requested handler '${topic}' was not found in either the main handlers list nor in the listening handlers list`;
}

/** Notifications of a play that mean no handler. Silent where only the run can know which there are. */
export function checkHandlers(playbook: Playbook): OrchError[] {
  return playbook.plays.flatMap((play) => {
    const errors = new Map<string, OrchError>();
    const { names, open } = topicsOf(play);
    if (open) return [];
    anyEntry([...play.entries, ...play.handlers], ({ notify }) => {
      for (const { value, origin, path } of notify) {
        if (isTemplate(value) || names.has(value)) continue;
        const where = origin.place(path);
        errors.set(
          `${where.file}:${where.line}:${where.column}`,
          new OrchError({
            code: 'playbook-structure',
            summary: unheard(value),
            hint: didYouMean(value, names),
            where,
          }),
        );
      }
      return false;
    });
    return [...errors.values()];
  });
}
