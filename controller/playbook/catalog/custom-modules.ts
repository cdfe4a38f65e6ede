import { join } from 'node:path';
import * as z from 'zod';
import type { CatalogEntry } from './catalog.ts';
import { type CollectionRuntime, readRuntime } from './collection-runtime.ts';
import { collectionFolders, collectionRoots, collectionsIn } from './collections.ts';

/** A module that comes with the playbook or a role, and is none of orch's. */
export interface CustomModule {
  /** The program. */
  readonly file: string;
  /** Folders of what it may import as `ansible.module_utils`, the nearest first. */
  readonly utils: readonly string[];
  /** The package that it stands in, where it is one of a collection: `ansible_collections.ns.name.plugins.modules`. */
  readonly within?: string;
  /** Folders that have `ansible_collections`. */
  readonly collections: readonly string[];
  /** A part of it runs in Ansible itself, and `file` is that part. */
  readonly half?: boolean;
}

/** What finding and judging custom modules takes. */
export interface CustomDeps {
  /** Names of the files in a folder. */
  readonly list: (folder: string) => readonly string[];
  /** Folders of modules, and of what they import, that the configuration names. */
  readonly library?: readonly string[] | undefined;
  readonly moduleUtils?: readonly string[] | undefined;
  /** Folders of action plugins that the configuration names. */
  readonly actionPlugins?: readonly string[] | undefined;
  /** Folders of collections, beside the playbook's own. */
  readonly collections?: readonly string[] | undefined;
  /** Reads a file of a collection; without it nothing is known of what has moved from one to another. */
  readonly readFile?: ((path: string) => string) | undefined;
}

/** Where a task is that names a module. */
interface Place {
  readonly playbookDir: string;
  readonly rolePath?: string | undefined;
  readonly collections?: readonly string[] | undefined;
}

/** Files beside modules that are none: what editors and Python leave, and texts. */
const notModules = /\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|ya?ml|ini|toml)$|~$/;

/** Whether a module is for hosts of another kind, or for Ansible itself. */
export function isForOthers({ file, half }: CustomModule): boolean {
  return half === true || file.endsWith('.ps1');
}

/** Names that can be custom modules' of roles and playbooks. */
const possible = /^(?:ansible\.legacy\.)?(\w+)$/;
const ofCollection = /^(?!ansible\.(?:builtin|legacy)\.)(\w+\.\w+)\.(\w+(?:\.\w+)*)$/;

/** Whether a module is named with its collection. */
export function isOfCollection(written: string): boolean {
  return ofCollection.test(written);
}

/** Finds modules in `library/` of roles and beside the playbook, and where the configuration says. */
export class CustomModules {
  readonly #deps: CustomDeps;
  /** Roles that were met in this parse, the first one first: a role's modules are there for all that comes behind it. */
  readonly #roles: string[] = [];
  readonly #known = new Map<string, ReadonlyMap<string, string>>();
  readonly #runtimes = new Map<string, CollectionRuntime | undefined>();

  constructor(deps: CustomDeps) {
    this.#deps = deps;
  }

  meet(rolePath: string): void {
    if (!this.#roles.includes(rolePath)) this.#roles.push(rolePath);
  }

  /** The custom module that a task in this place means; undefined: none. */
  find(written: string, place: Place): CustomModule | undefined {
    const [, collection, inner] = ofCollection.exec(written) ?? [];
    if (collection !== undefined && inner !== undefined) return this.#inCollection(collection, inner, place);
    const [, name] = possible.exec(written) ?? [];
    if (name === undefined) return undefined;
    for (const each of place.collections ?? []) {
      const found = this.#inCollection(each, name, place);
      if (found) return found;
    }
    const { playbookDir } = place;
    const { library = [], moduleUtils = [] } = this.#deps;
    for (const folder of [...this.#holders(place).map((each) => join(each, 'library')), ...library]) {
      const file = this.#modulesIn(folder).get(name);
      if (file === undefined) continue;
      const utils = [
        ...nearestFirst(this.#holders(place), place).map((each) => join(each, 'module_utils')),
        ...moduleUtils,
      ];
      return {
        file: join(folder, file),
        utils: [...new Set(utils)],
        collections: collectionRoots(playbookDir, this.#deps.collections),
      };
    }
    return undefined;
  }

  /**
   * The module of a collection that a name without one means, where nothing else has it: playbooks are older than collections.
   * Ansible has a list of those that moved; here any collection counts that is there.
   */
  findMoved(written: string, place: Place): CustomModule | undefined {
    const [, name] = possible.exec(written) ?? [];
    if (name === undefined) return undefined;
    for (const root of collectionRoots(place.playbookDir, this.#deps.collections)) {
      for (const collection of collectionsIn(root, this.#deps.list)) {
        const modules = join(root, 'ansible_collections', ...collection.split('.'), 'plugins/modules');
        if (this.#modulesIn(modules).has(name)) return this.#inCollection(collection, name, place);
      }
    }
    return undefined;
  }

  /** The action plugin in Python that stands before the module of a name in this place, in `action_plugins/`; undefined: none. */
  findAction(written: string, place: Place): string | undefined {
    const [, name] = possible.exec(written) ?? [];
    if (name === undefined) return undefined;
    const folders = [
      ...this.#holders(place).map((each) => join(each, 'action_plugins')),
      ...(this.#deps.actionPlugins ?? []),
    ];
    const holder = folders.find((folder) => this.#modulesIn(folder).get(name) === `${name}.py`);
    return holder === undefined ? undefined : join(holder, `${name}.py`);
  }

  /** Where things of the playbook's own may stand; as in Ansible the first one that has a name has it for all roles. */
  #holders({ playbookDir, rolePath }: Place): readonly string[] {
    return [...new Set([playbookDir, ...this.#roles, ...(rolePath === undefined ? [] : [rolePath])])];
  }

  /** `from`: collections that led here. */
  #inCollection(
    collection: string,
    name: string,
    place: Place,
    from: readonly string[] = [],
  ): CustomModule | undefined {
    const { playbookDir } = place;
    const { collections: more, moduleUtils = [] } = this.#deps;
    const parts = name.split('.');
    for (const folder of collectionFolders(collection, playbookDir, more)) {
      const modules = join(folder, 'plugins/modules', ...parts.slice(0, -1));
      const file = this.#modulesIn(modules).get(parts.at(-1) ?? '');
      const actions = join(folder, 'plugins/action');
      const half = this.#modulesIn(actions).get(name);
      if (file === undefined && half === undefined) continue;
      const within = ['ansible_collections', collection, 'plugins.modules', ...parts.slice(0, -1)].join('.');
      const around = { utils: moduleUtils, within, collections: collectionRoots(playbookDir, more) };
      return half === undefined
        ? { file: join(modules, file ?? ''), ...around }
        : { file: join(actions, half), ...around, half: true };
    }
    const moved = this.#runtime(collection, playbookDir)?.plugin_routing?.modules?.[name]?.redirect;
    const [, next, inner] = ofCollection.exec(moved ?? '') ?? [];
    if (next === undefined || inner === undefined || from.includes(next)) return undefined;
    return this.#inCollection(next, inner, place, [...from, collection]);
  }

  #runtime(collection: string, playbookDir: string): CollectionRuntime | undefined {
    const { readFile, collections } = this.#deps;
    if (!readFile) return undefined;
    if (!this.#runtimes.has(collection)) {
      this.#runtimes.set(collection, readRuntime(collection, playbookDir, { readFile, collections }));
    }
    return this.#runtimes.get(collection);
  }

  /** Files of a folder by the names of their modules. */
  #modulesIn(folder: string): ReadonlyMap<string, string> {
    const known = this.#known.get(folder);
    if (known) return known;
    const files = this.#deps.list(folder).filter((file) => !notModules.test(file));
    const found = new Map(files.map((file) => [file.replace(/\.[^.]*$/, ''), file]));
    this.#known.set(folder, found);
    return found;
  }
}

/** With a role's own folder before all others, and the playbook's behind them. */
function nearestFirst(holders: readonly string[], { rolePath, playbookDir }: Place): readonly string[] {
  const roles = holders.filter((each) => each !== playbookDir && each !== rolePath).toReversed();
  return [...(rolePath === undefined ? [] : [rolePath]), ...roles, playbookDir];
}

/** A module's name with the collection that it was found in. */
export function fullName(name: string, custom: CustomModule | undefined): string {
  const collection = custom?.within?.split('.').slice(1, 3).join('.');
  return collection === undefined || isOfCollection(name) ? name : `${collection}.${name}`;
}

const params = z.record(z.string(), z.unknown());

/** What the parser knows of a custom module: nothing of its parameters. */
export function customEntry(name: string): CatalogEntry {
  return { name, params };
}
