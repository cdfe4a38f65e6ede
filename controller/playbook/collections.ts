import { join } from 'node:path';

/** Where a collection may be: beside the playbook, then where the configuration says. */
export function collectionFolders(name: string, playbookDir: string, more: readonly string[] = []): readonly string[] {
  const [space = '', own = ''] = name.split('.');
  return [join(playbookDir, 'collections'), ...more].map((root) => join(root, 'ansible_collections', space, own));
}

/** The collection that a folder belongs to. */
export function collectionOf(folder: string): string | undefined {
  const [, space, name] = /(?:^|\/)ansible_collections\/(\w+)\/(\w+)\//.exec(folder) ?? [];
  return space === undefined ? undefined : `${space}.${name}`;
}
