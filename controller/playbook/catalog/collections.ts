import { join, resolve } from 'node:path';

/** Folders that have `ansible_collections`: beside the playbook, around one that is a collection's, and where the configuration says. */
export function collectionRoots(playbookDir: string, more: readonly string[] = []): readonly string[] {
  const [, around] = /^(.*)\/ansible_collections\/\w+\/\w+(?:\/|$)/.exec(resolve(playbookDir)) ?? [];
  return [join(playbookDir, 'collections'), ...(around === undefined ? [] : [around]), ...more];
}

/** Where a collection may be. */
export function collectionFolders(name: string, playbookDir: string, more: readonly string[] = []): readonly string[] {
  const [space = '', own = ''] = name.split('.');
  return collectionRoots(playbookDir, more).map((root) => join(root, 'ansible_collections', space, own));
}

/** The collections of a root, `ns.name`: Ansible's own ones first, then the community's. `list`: names in a folder. */
export function collectionsIn(root: string, list: (folder: string) => readonly string[]): readonly string[] {
  const all = join(root, 'ansible_collections');
  const names = list(all).flatMap((space) => list(join(all, space)).map((name) => `${space}.${name}`));
  const rank = (name: string) => (/^ansible\./.test(name) ? 0 : /^community\./.test(name) ? 1 : 2);
  return names.filter((name) => /^\w+\.\w+$/.test(name)).sort((a, b) => rank(a) - rank(b));
}

/** Where a playbook may be that is named with its collection; nowhere when it is no such name. */
export function collectionPlaybooks(written: string, playbookDir: string, more?: readonly string[]): readonly string[] {
  const [, collection, name] = /^(\w+\.\w+)\.(\w+)$/.exec(written) ?? [];
  if (collection === undefined) return [];
  return collectionFolders(collection, playbookDir, more).flatMap((folder) =>
    ['yml', 'yaml'].map((end) => join(folder, 'playbooks', `${name}.${end}`)),
  );
}

/** The collection that a file or folder is part of. */
function collectionOf(path: string): string | undefined {
  const [, space, name] = /\/ansible_collections\/(\w+)\/(\w+)\//.exec(resolve(path)) ?? [];
  return space === undefined ? undefined : `${space}.${name}`;
}

/** The collection whose role a folder is: not all that stand somewhere in a collection are its own. */
export function collectionOfRole(folder: string): string | undefined {
  const own = /\/ansible_collections\/\w+\/\w+\/roles\//.test(resolve(folder));
  return own ? collectionOf(folder) : undefined;
}

/** What is found in a file without its collection's name: what the file's own collection has, then what others have. */
export function collectionsFor(
  file: string,
  others: readonly string[] = [],
): { readonly collections?: readonly string[] } {
  const home = collectionOf(file);
  const collections = [...new Set([...(home === undefined ? [] : [home]), ...others])];
  return collections.length === 0 ? {} : { collections };
}
