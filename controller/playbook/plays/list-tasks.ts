import type { Entry, Play, Playbook } from '../types.ts';

/** A task as `--list-tasks` shows it. */
export interface ListedTask {
  readonly name: string;
  /** Its own tags and those it inherits, in order, each once. */
  readonly tags: readonly string[];
}

export interface ListedPlay {
  readonly name: string;
  readonly hosts: string;
  readonly tags: readonly string[];
  readonly tasks: readonly ListedTask[];
}

/** What a task is called: its name, else what it runs. */
export function entryName(entry: Entry): string {
  if (entry.name) return entry.name.value;
  if (entry.kind === 'block') return 'block';
  if (entry.calledAs !== undefined) return entry.calledAs;
  if (entry.kind === 'task') return entry.module;
  return entry.ofRole ? 'include_role' : 'include_tasks';
}

/** With the role that it is of before it. */
export function nameInRole(entry: Entry, role: string | undefined): string {
  return role === undefined ? entryName(entry) : `${role} : ${entryName(entry)}`;
}

/** What a play is called: its name, else its hosts. */
function playName(play: Play): string {
  return play.name ?? play.hosts.value;
}

function listEntries(entries: readonly Entry[], inherited: readonly string[], role?: string): ListedTask[] {
  return entries.flatMap((entry) => {
    const tags = [...new Set([...inherited, ...entry.tags])];
    if (entry.kind === 'task' && entry.implicit) return [];
    if (entry.kind !== 'block') {
      // What includes a role is shown without the one that it is in itself.
      const shown =
        entry.name && !(entry.kind === 'include' && entry.ofRole) ? nameInRole(entry, role) : entryName(entry);
      return [{ name: shown, tags }];
    }
    return entry.block.flatMap((inner) => listEntries([inner], tags, entry.role?.name ?? role));
  });
}

/**
 * The tasks of each play, in order, without those of `rescue` and `always`, as Ansible lists them. What a dynamic
 * include brings is not known yet: it is listed itself.
 */
export function listTasks(playbook: Playbook): ListedPlay[] {
  return playbook.plays.map((play) => ({
    name: playName(play),
    hosts: play.hosts.value,
    tags: play.tags,
    tasks: listEntries(play.entries, play.tags),
  }));
}

/** Every tag of a play and its tasks, sorted. */
export function listTags({ tags, tasks }: ListedPlay): string[] {
  return [...new Set([...tags, ...tasks.flatMap((task) => task.tags)])].sort();
}
