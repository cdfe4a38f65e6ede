import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { use } from '../source/used-files.ts';
import { type Import, importsOf } from './imports.ts';

/** orch's own, which stands in for Ansible's; the build puts it beside the bundle. */
const own = join(import.meta.dirname, 'module_utils');
const root = 'ansible.module_utils';

/** What a Python module needs of `ansible.module_utils`. */
export interface Gathered {
  /** Texts by the paths that Python knows them by: "ansible/module_utils/basic.py". */
  readonly files: Readonly<Record<string, string>>;
  /** Full names that nothing has, though the module can't do without. */
  readonly missing: readonly string[];
}

/** Where Python's packages are looked for. */
interface Folders {
  /** Each stands for `ansible.module_utils`. */
  readonly utils: readonly string[];
  /** Those that have `ansible_collections`. */
  readonly collections: readonly string[];
}

const isCollections = (name: string): boolean => name.startsWith('ansible_collections.');

/** The text of a module or package, with the path by which Python knows it. */
function lookUp(name: string, { utils, collections }: Folders): { path: string; text: string } | undefined {
  if (isCollections(name)) return lookIn(name.replaceAll('.', '/'), collections);
  const found = lookIn(name.slice(root.length + 1).replaceAll('.', '/'), utils);
  return found && { ...found, path: `ansible/module_utils/${found.path}` };
}

function lookIn(base: string, folders: readonly string[]): { path: string; text: string } | undefined {
  const paths = base === '' ? ['__init__.py'] : [`${base}.py`, `${base}/__init__.py`];
  for (const folder of folders) {
    for (const path of paths) {
      const file = join(folder, path);
      if (existsSync(folder === own ? file : use(file))) return { path, text: readFileSync(file, 'utf8') };
    }
    // A package without a text of its own.
    if (base !== '' && existsSync(join(folder, base))) return { path: `${base}/__init__.py`, text: '' };
  }
  return undefined;
}

/**
 * All that a text imports of `ansible.module_utils` and of collections, and what that imports. `folders` of the former are looked
 * through before orch's own; `within`: the package of the text.
 */
export function gatherUtils(source: string, { utils, collections }: Folders, within = ''): Gathered {
  const files: Record<string, string> = {};
  const missing = new Set<string>();
  const seen = new Set<string>();
  /** What comes after all that is needed: what is missing there is missed by nobody. */
  const optionals: Import[] = [];
  let needed = true;
  const places = { utils: [...utils, own], collections };
  /** Whether there is such a module. */
  const take = (name: string): boolean => {
    const found = lookUp(name, places);
    if (found === undefined) return false;
    const { path } = found;
    if (seen.has(path)) return true;
    seen.add(path);
    files[path] = found.text;
    const isPackage = path.endsWith('/__init__.py');
    scan(found.text, isPackage ? name : name.replace(/\.\w+$/, ''));
    return true;
  };
  const scan = (text: string, within: string) => {
    for (const each of importsOf(text, within)) {
      if (each.optional && needed) optionals.push(each);
      else follow(each);
    }
  };
  const follow = ({ module, names }: Import) => {
    if (module !== root && !module.startsWith(`${root}.`) && !isCollections(module)) {
      const foreign = /^ansible(?:_collections)?(?:\.|$)/.test(module) && module !== 'ansible';
      if (foreign && needed) missing.add(module);
      return;
    }
    const parts = module.split('.');
    for (let length = 3; length < parts.length; length++) take(parts.slice(0, length).join('.'));
    const found = module === root || take(module);
    const submodules = names.map((name) => take(`${module}.${name}`));
    if (needed && !found) missing.add(module);
    if (needed && module === root) {
      for (const [index, name] of names.entries()) if (!submodules[index]) missing.add(`${module}.${name}`);
    }
  };
  take(`${root}.basic`);
  scan(source, within);
  needed = false;
  for (const each of optionals) follow(each);
  if (within !== '') files[`${within.replaceAll('.', '/')}/__init__.py`] = '';
  return { files, missing: [...missing] };
}
