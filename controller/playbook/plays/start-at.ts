import { OrchError } from '../../../proto/errors.ts';
import { optionText, placeOf } from '../../source/origins.ts';
import { didYouMean } from '../../template/suggest.ts';
import type { Entry, Play, Playbook } from '../types.ts';
import { entryName, listTasks, nameInRole } from './list-tasks.ts';

function nameMatcher(wanted: string): RegExp {
  const source = wanted
    .replace(/[\\^$.|+(){}[\]]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}

/** The entries from the first match on; undefined when none matches. `role`: whose they are. */
function from(entries: readonly Entry[], name: RegExp, role?: string): Entry[] | undefined {
  for (const [index, entry] of entries.entries()) {
    const rest = entries.slice(index + 1);
    if (entry.kind !== 'block') {
      if (name.test(entryName(entry)) || name.test(nameInRole(entry, role))) return [entry, ...rest];
      continue;
    }
    const block = from(entry.block, name, entry.role?.name ?? role);
    if (block) return [{ ...entry, block }, ...rest];
    const always = from(entry.always, name, role);
    if (always) return [{ ...entry, block: [], always }, ...rest];
  }
  return undefined;
}

/** A play that does nothing: as in Ansible, it is still told of. */
function idle(play: Play): Play {
  return { ...play, gatherFacts: false, flushes: false, entries: [] };
}

/**
 * Playbooks, which run one after the other, from the first task of a name on (`*` and `?` as in file names): plays before it do
 * nothing. Throws OrchError when there is no such task.
 */
export function startAtTask(playbooks: readonly Playbook[], wanted: string): readonly Playbook[] {
  const name = nameMatcher(wanted);
  for (const [at, playbook] of playbooks.entries()) {
    for (const [index, play] of playbook.plays.entries()) {
      const entries = from(play.entries, name);
      if (!entries) continue;
      const plays = [
        ...playbook.plays.slice(0, index).map(idle),
        { ...play, entries },
        ...playbook.plays.slice(index + 1),
      ];
      const before = playbooks.slice(0, at).map((each) => ({ ...each, plays: each.plays.map(idle) }));
      return [...before, { ...playbook, plays }, ...playbooks.slice(at + 1)];
    }
  }
  const names = playbooks.flatMap(listTasks).flatMap((play) => play.tasks.map((task) => task.name));
  throw new OrchError({
    code: 'invalid-option',
    summary: `No matching task "${wanted}" found. Note: --start-at-task can only follow static includes.`,
    hint: didYouMean(wanted, names) ?? '"--list-tasks" lists the tasks',
    where: placeOf(optionText('--start-at-task', wanted)),
  });
}
