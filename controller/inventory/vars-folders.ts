import { existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { parseVarsText } from '../playbook/parse/vars-file.ts';
import type { Located } from '../source/located.ts';
import { isFolder, readSourceFile } from '../source/read-file.ts';
import { use } from '../source/used-files.ts';
import { putVar } from './put-var.ts';

const extensions = ['.yml', '.yaml', '.json'];

/** Files of a folder's tree in order of their names; hidden ones, backups, folders with an extension and links that lead nowhere are none. */
function filesOf(folder: string): string[] {
  return readdirSync(use(folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.name.startsWith('.') || entry.name.endsWith('~')) return [];
      const path = join(folder, entry.name);
      if (isFolder(path)) return extname(entry.name) === '' ? filesOf(path) : [];
      return existsSync(path) && ['', ...extensions].includes(extname(entry.name)) ? [path] : [];
    });
}

/** Folders where variables of groups and of hosts stand. */
export interface VarsFolders {
  readonly groups: readonly VarsFolder[];
  readonly hosts: readonly VarsFolder[];
}

/** The group_vars/ and host_vars/ in each of some folders. `errors` gets what is wrong with their files. */
export function openVarsFolders(folders: readonly string[], errors: OrchError[]): VarsFolders {
  const open = (kind: string) =>
    folders.map((folder) => new VarsFolder(join(folder, kind), errors)).filter((folder) => !folder.empty);
  return { groups: open('group_vars'), hosts: open('host_vars') };
}

/**
 * `group_vars` or `host_vars` of one folder: which files hold the variables of which name. Files are read when asked for, once.
 */
export class VarsFolder {
  readonly #files = new Map<string, string[]>();
  readonly #read = new Map<string, Map<string, Located>>();
  readonly #errors: OrchError[];

  constructor(folder: string, errors: OrchError[]) {
    this.#errors = errors;
    let entries: { name: string }[];
    try {
      entries = readdirSync(use(folder), { withFileTypes: true });
    } catch {
      // There need not be one.
      return;
    }
    for (const end of ['', ...extensions]) {
      for (const entry of entries) {
        const name = entry.name.slice(0, entry.name.length - end.length);
        // The first that is there counts, as in Ansible: the name alone, then with an extension.
        if (!entry.name.endsWith(end) || this.#files.has(name)) continue;
        const path = join(folder, entry.name);
        if (!existsSync(path)) continue;
        this.#files.set(name, isFolder(path) ? filesOf(path) : [path]);
      }
    }
  }

  get empty(): boolean {
    return this.#files.size === 0;
  }

  /** Of whatever groups or hosts. */
  variableNames(): string[] {
    return [...this.#files.keys()].flatMap((name) => [...this.vars(name).keys()]);
  }

  /** Variables of a group or host; later files override earlier ones. */
  vars(name: string): Map<string, Located> {
    const known = this.#read.get(name) ?? this.#varsOf(name);
    this.#read.set(name, known);
    return known;
  }

  #varsOf(name: string): Map<string, Located> {
    const result = new Map<string, Located>();
    for (const file of this.#files.get(name) ?? []) {
      try {
        const { vars, errors } = parseVarsText(readSourceFile(file), file);
        this.#errors.push(...errors);
        for (const [key, value] of vars) putVar(result, key, value);
      } catch (error) {
        if (!(error instanceof OrchError)) throw error;
        this.#errors.push(error);
      }
    }
    return result;
  }
}
