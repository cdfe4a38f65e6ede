import { OrchError } from '../../proto/errors.ts';
import { settings } from '../config/settings.ts';
import type { Vars } from '../playbook/types.ts';
import { describe } from '../playbook/values/describe.ts';
import type { Located } from '../source/located.ts';
import { placeOf } from '../source/origins.ts';
import { isAtom } from '../template/python/atom.ts';
import { dataEntries, objectOf } from '../template/python/mapping.ts';
import { type NamePattern, parseHostName, plainHostName } from './host-names.ts';
import { putVar } from './put-var.ts';

/** A variable of a group that is none of its hosts'. */
export const priorityName = 'ansible_group_priority';

export interface DraftGroup {
  readonly name: string;
  readonly children: Set<string>;
  readonly parents: Set<string>;
  readonly hosts: Set<string>;
  readonly vars: Map<string, Located>;
  /** ansible_group_priority: among groups of one depth the larger one's variables win. */
  priority: number;
}

interface DraftHost {
  readonly name: string;
  /** The inventory file that named it first; null: the command line or a task did. */
  file: string | null | undefined;
  readonly vars: Map<string, Located>;
  /** The workstation itself, which no inventory names: it is of its groups, but not of `all`. */
  readonly implicit: boolean;
}

/** A group's name, with `_` for all that no variable's name can have. */
export function safeGroupName(name: string): string {
  return name.replace(/^\d|[^\p{L}\p{N}_]/gu, '_');
}

/** The same data as an object of its own: hosts of one range share nothing. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (typeof value !== 'object' || value === null || isAtom(value)) return value;
  return objectOf(dataEntries(value as Readonly<Record<string, unknown>>).map(([key, item]) => [key, copied(item)]));
}

/** An inventory while its files are read; later files add to and override earlier ones. */
export class Draft {
  readonly groups = new Map<string, DraftGroup>();
  readonly hosts = new Map<string, DraftHost>();
  readonly errors: OrchError[] = [];
  /** What programs said beside their inventories, and whose facts are not trusted. */
  readonly warnings: string[] = [];
  /** Folders that may hold group_vars/ and host_vars/: of the inventories read so far, and of the one that is being read. */
  readonly folders: string[] = [];
  /** Files name groups as no variable can be called. */
  hasOddGroups = false;
  /** How the first pattern that means the workstation calls it, where no inventory does. */
  localhost: string | undefined;

  /** Of -e: no host has them here, but files may make something of them. */
  readonly extraVars: Vars;

  constructor(extraVars: Vars = new Map()) {
    this.extraVars = extraVars;
    this.group('all');
    this.group('ungrouped');
  }

  error(at: Located, summary: string, hint?: string, part?: 'key' | 'value'): void {
    this.errors.push(new OrchError({ code: 'inventory-syntax', summary, hint, where: placeOf(at, part) }));
  }

  group(name: string): DraftGroup {
    let group = this.groups.get(name);
    if (!group) {
      group = { name, children: new Set(), parents: new Set(), hosts: new Set(), vars: new Map(), priority: 1 };
      this.groups.set(name, group);
    }
    return group;
  }

  /** The group that `at` names; undefined after an error. */
  namedGroup(name: string, at: Located, part?: 'key' | 'value'): DraftGroup | undefined {
    const own = this.groupName(name, at, part);
    return own === undefined ? undefined : this.group(own);
  }

  /** What the group is called that a file calls so; undefined after an error. */
  groupName(name: string, at: Located, part?: 'key' | 'value'): string | undefined {
    const safe = safeGroupName(name);
    if (safe !== name) this.hasOddGroups = true;
    const own = ['always', 'silently'].includes(settings().groupCharacters) ? safe : name;
    if (/^\P{Cc}+$/u.test(own)) return own;
    this.error(at, `${JSON.stringify(name)} cannot name a group`, undefined, part);
    return undefined;
  }

  setVar(group: DraftGroup, name: string, value: Located): void {
    if (name === priorityName) this.#setPriority(group, value);
    else putVar(group.vars, name, value);
  }

  #setPriority(group: DraftGroup, value: Located): void {
    const priority = typeof value.value === 'object' ? Number.NaN : Number(value.value);
    if (!Number.isInteger(priority)) {
      this.error(value, `"${priorityName}" must be a whole number, not ${describe(value.value)}`);
      return;
    }
    group.priority = priority;
    // Every group has 1.
    if (priority === 1) group.vars.delete(priorityName);
    else group.vars.set(priorityName, { ...value, value: priority });
  }

  addChild(parent: DraftGroup, child: DraftGroup, at: Located, part?: 'key' | 'value'): void {
    if (child === parent || this.#descends(parent, child)) {
      this.error(at, `group "${child.name}" would hold itself, through "${parent.name}"`, undefined, part);
      return;
    }
    parent.children.add(child.name);
    child.parents.add(parent.name);
  }

  host(name: string, implicit = false): DraftHost {
    let host = this.hosts.get(name);
    if (!host) {
      host = { name, file: undefined, vars: new Map(), implicit };
      this.hosts.set(name, host);
    }
    return host;
  }

  /** Adds what a host entry names, with its variables, to a group. */
  addHosts(entry: string, vars: Iterable<[string, Located]>, group: DraftGroup, at: Located, part?: 'key'): void {
    this.#add(() => parseHostName(entry), vars, group, at, part);
  }

  /** Adds one host to a group, of a program: brackets, colons and blanks are of its name. */
  addHost(name: string, group: DraftGroup, at: Located): void {
    this.#add(() => plainHostName(name), [], group, at);
  }

  #add(read: () => NamePattern, vars: Iterable<[string, Located]>, group: DraftGroup, at: Located, part?: 'key'): void {
    let found: NamePattern;
    try {
      found = read();
    } catch (error) {
      this.error(at, (error as Error).message, undefined, part);
      return;
    }
    const own = [...vars];
    for (const name of found.names) {
      const isNew = !this.hosts.has(name);
      const host = this.host(name);
      if (host.file === undefined) host.file = at.origin.file === '-i' ? null : at.origin.file;
      group.hosts.add(name);
      if (found.port !== undefined && isNew) host.vars.set('ansible_port', { ...at, value: found.port });
      for (const [key, value] of own) putVar(host.vars, key, { ...value, value: copied(value.value) });
    }
  }

  #descends(group: DraftGroup, ancestor: DraftGroup): boolean {
    const seen = new Set<string>([group.name]);
    for (const name of seen) {
      if (name === ancestor.name) return true;
      for (const parent of this.group(name).parents) seen.add(parent);
    }
    return false;
  }
}
