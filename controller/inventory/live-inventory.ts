import type { OrchError } from '../../proto/errors.ts';
import { exactJson } from '../../proto/exact-json.ts';
import type { Vars } from '../playbook/types.ts';
import type { Draft } from './draft.ts';
import { localhostVars, mergeInventory } from './merge.ts';
import { hostOf } from './select-hosts.ts';
import { type Inventory, type InventoryHost, localhosts } from './types.ts';
import type { VarsFolders } from './vars-folders.ts';

/** What inventory files said, before hosts know their groups' variables. */
export interface ReadInventory extends Pick<Inventory, 'source' | 'sources'> {
  readonly draft: Draft;
  /** Of the inventories, then of the playbook. */
  readonly folders: VarsFolders;
  /** The same for a playbook in another folder. */
  readonly foldersBeside: (playbookDir: string) => VarsFolders;
}

/** A host that a task adds, or says more of. */
export interface AddedHost {
  readonly name: string;
  readonly groups: readonly string[];
  readonly vars: Vars;
}

/** `again`: the files were read once more, and may have lost hosts. */
type Change = (draft: Draft, again?: boolean) => boolean;

/** The inventory of a run: what was read, and what tasks added to it since. */
export class LiveInventory {
  readonly #read: () => ReadInventory;
  readonly #playbookDir: string | undefined;
  readonly #changes: Change[] = [];
  #files: ReadInventory;
  #merged: Inventory | undefined;
  readonly #elsewhere = new Map<string, Inventory>();
  readonly #lost = new Map<string, InventoryHost>();

  /** @param playbookDir the folder of the playbook, absolute; what stands beside it is in what `read` gives */
  constructor(read: () => ReadInventory, playbookDir: string | undefined) {
    this.#read = read;
    this.#playbookDir = playbookDir;
    this.#files = read();
  }

  /** What is wrong with the files; complete once `current` was asked for. */
  get errors(): readonly OrchError[] {
    return this.#files.draft.errors;
  }

  /** What programs said beside their inventories. */
  get warnings(): readonly string[] {
    return this.#files.draft.warnings;
  }

  /** Files name groups as no variable can be called. */
  get hasOddGroups(): boolean {
    return this.#files.draft.hasOddGroups;
  }

  /** As it is now; the same object until something is added. */
  get current(): Inventory {
    const { draft, folders } = this.#files;
    this.#merged ??= mergeInventory(draft, this.#files, folders);
    return this.#merged;
  }

  /** A host, as it was last: plays that began with it go on where the files have lost it. */
  host(name: string): InventoryHost | undefined {
    return hostOf(this.current, name) ?? this.#lost.get(name);
  }

  /** As a play sees it whose playbook is in this folder, absolute; the same object where that is the first one's. */
  beside(playbookDir: string): Inventory {
    if (playbookDir === this.#playbookDir) return this.current;
    const { draft, foldersBeside } = this.#files;
    const merged = this.#elsewhere.get(playbookDir) ?? mergeInventory(draft, this.#files, foldersBeside(playbookDir));
    this.#elsewhere.set(playbookDir, merged);
    return merged;
  }

  /** Names of variables that groups and hosts may bring which are not there yet, as plays in these folders see them. */
  mayBring(playbookDirs: Iterable<string>): string[] {
    const { folders, foldersBeside } = this.#files;
    const all = [folders, ...[...playbookDirs].map(foldersBeside)].flatMap(({ groups, hosts }) => [
      ...groups,
      ...hosts,
    ]);
    return [...new Set(all.flatMap((folder) => folder.variableNames()))];
  }

  /** Takes a host in, or changes one. True when that changed something. */
  addHost({ name, groups, vars }: AddedHost): boolean {
    return this.#change((draft) => {
      const isNew = !draft.hosts.has(name);
      const host = draft.host(name);
      // As in Ansible: new ones come first.
      if (isNew) {
        draft.group('all').hosts.add(name);
        host.file = null;
      }
      // A run reaches a host in one way, and plays may have begun with the one that is there unsaid.
      if (isNew && localhosts.has(name)) for (const [key, value] of localhostVars) host.vars.set(key, value);
      const joins = groups.filter((group) => !draft.group(group).hosts.has(name));
      for (const group of joins) draft.group(group).hosts.add(name);
      const said = [...vars].filter(([key, { value }]) => exactJson(value) !== exactJson(host.vars.get(key)?.value));
      for (const [key, value] of said) host.vars.set(key, value);
      return isNew || joins.length > 0 || said.length > 0;
    });
  }

  /** Puts a host into a group that is a child of `parents`. True when that changed something. */
  addToGroup(host: string, name: string, parents: readonly string[]): boolean {
    return this.#change((draft, again) => {
      if (again && !localhosts.has(host) && !draft.hosts.has(host)) return false;
      const group = draft.group(name);
      const above = parents.filter((parent) => parent !== 'all' && !group.parents.has(parent));
      for (const parent of above) {
        draft.group(parent).children.add(name);
        group.parents.add(parent);
      }
      draft.host(host, localhosts.has(host));
      const joins = !group.hosts.has(host);
      group.hosts.add(host);
      return joins || above.length > 0;
    });
  }

  /** Reads all sources again, and puts what tasks added back into it. Throws the first OrchError of what is wrong with them. */
  refresh(): void {
    for (const [name, host] of this.current.hosts) this.#lost.set(name, host);
    this.#files = this.#read();
    for (const change of this.#changes) change(this.#files.draft, true);
    this.#forget();
    void this.current;
    const [wrong] = this.errors;
    if (wrong) throw wrong;
  }

  #change(change: Change): boolean {
    const changed = change(this.#files.draft);
    if (changed) {
      this.#changes.push(change);
      this.#forget();
    }
    return changed;
  }

  #forget(): void {
    this.#merged = undefined;
    this.#elsewhere.clear();
  }
}
