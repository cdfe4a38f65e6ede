import { type Dirent, lstatSync, readdirSync, readFileSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { use } from '../../source/used-files.ts';
import type { Lookup } from '../../template/types.ts';
import { places } from './files.ts';

/** Names by number of an account file of this workstation. */
function namesIn(file: string): ReadonlyMap<number, string> {
  const fields = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  return new Map(fields.reverse().map(([name = '', , number]) => [Number(number), name]));
}

/** What is below a folder, by relative paths: a folder's own entries, folders first, then those of each folder in it. */
function below(root: string, inner = ''): string[] {
  const entries = readdirSync(use(join(root, inner)), { withFileTypes: true }).sort(({ name: a }, { name: b }) =>
    a < b ? -1 : 1,
  );
  const isFolder = (entry: Dirent) =>
    statSync(join(root, inner, entry.name), { throwIfNoEntry: false })?.isDirectory() ?? false;
  const folders = entries.filter(isFolder);
  const names = [...folders, ...entries.filter((entry) => !folders.includes(entry))].map(({ name }) =>
    join(inner, name),
  );
  return [
    ...names,
    ...folders.filter((entry) => entry.isDirectory()).flatMap(({ name }) => below(root, join(inner, name))),
  ];
}

/** State and source of an entry; undefined: it is neither folder, file nor link. */
function kindOf(file: string, found: Stats): { readonly state: string; readonly src?: string } | undefined {
  if (found.isSymbolicLink()) return { state: 'link', src: readlinkSync(file) };
  if (found.isDirectory()) return { state: 'directory' };
  return found.isFile() ? { state: 'file', src: file } : undefined;
}

/**
 * All that is below folders of this workstation, with owners and modes, as community.general's lookup has it, by name within each
 * folder; of a path that is in several of them the first counts. What is no folder, file or link is left out.
 */
export function filetree(search: () => readonly string[]): Lookup {
  return (terms) => {
    const [users, groups] = [namesIn('/etc/passwd'), namesIn('/etc/group')];
    const entries = new Map<string, unknown>();
    for (const term of terms.map(String)) {
      const isThere = (place: string) => statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
      const root = places(term, 'files', search()).find(isThere);
      if (root === undefined) continue;
      for (const path of below(root)) {
        const file = join(root, path);
        const found = lstatSync(use(file));
        const kind = kindOf(file, found);
        if (!kind || entries.has(path)) continue;
        const { uid, gid, size, mode, mtimeMs, ctimeMs } = found;
        entries.set(path, {
          ...{ root, path, ...kind, uid, gid },
          ...{ owner: users.get(uid) ?? uid, group: groups.get(gid) ?? gid },
          ...{ mode: `0${(mode & 0o7777).toString(8).padStart(3, '0')}`, size },
          ...{ mtime: mtimeMs / 1000, ctime: ctimeMs / 1000 },
        });
      }
    }
    return [...entries.values()];
  };
}
