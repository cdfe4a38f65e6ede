import { join } from 'node:path';
import * as z from 'zod';
import type { CatalogEntry } from './catalog.ts';

/** A module that comes with the playbook or a role, and is none of orch's. */
export interface CustomModule {
  /** The program. */
  readonly file: string;
  /** Folders of what it may import as `ansible.module_utils`, the nearest first. */
  readonly utils: readonly string[];
}

/** What finding and judging custom modules takes. */
export interface CustomDeps {
  /** Names of the files in a folder. */
  readonly list: (folder: string) => readonly string[];
  /** Folders of modules, and of what they import, that the configuration names. */
  readonly library?: readonly string[] | undefined;
  readonly moduleUtils?: readonly string[] | undefined;
}

/** Files beside modules that are none: what editors and Python leave, and texts. */
const notModules = /\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|ya?ml|ini|toml)$|~$/;

/** Names that can be custom modules': other collections, and `ansible.builtin`, have none here. */
const possible = /^(?:ansible\.legacy\.)?(\w+)$/;

/** Finds modules in `library/` of roles and beside the playbook, and where the configuration says. */
export class CustomModules {
  readonly #deps: CustomDeps;
  /** Roles that were met in this parse, the last one first: a role's modules are there for all that comes behind it. */
  readonly #roles: string[] = [];
  readonly #known = new Map<string, ReadonlyMap<string, string>>();

  constructor(deps: CustomDeps) {
    this.#deps = deps;
  }

  meet(rolePath: string): void {
    if (!this.#roles.includes(rolePath)) this.#roles.unshift(rolePath);
  }

  /** The custom module that a task in this place means; undefined: none. */
  find(written: string, playbookDir: string, rolePath: string | undefined): CustomModule | undefined {
    const [, name] = possible.exec(written) ?? [];
    if (name === undefined) return undefined;
    const places = [...(rolePath === undefined ? [] : [rolePath]), ...this.#roles, playbookDir];
    const { library = [], moduleUtils = [] } = this.#deps;
    for (const folder of [...places.map((place) => join(place, 'library')), ...library]) {
      const file = this.#modulesIn(folder).get(name);
      if (file === undefined) continue;
      const utils = [...places.map((place) => join(place, 'module_utils')), ...moduleUtils];
      return { file: join(folder, file), utils: [...new Set(utils)] };
    }
    return undefined;
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

const params = z.record(z.string(), z.unknown());

/** What the parser knows of a custom module: nothing of its parameters. */
export function customEntry(name: string): CatalogEntry {
  return { name, params };
}
