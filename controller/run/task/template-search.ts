import { isAbsolute, join } from 'node:path';
import { readSourceFile } from '../../source/read-file.ts';
import { firstThere } from '../../source/used-files.ts';
import type { ReadTemplate } from '../../template/types.ts';

/** Finds templates by name in folders, in each first in `templates/`. */
export function templatesIn(places: readonly string[]): ReadTemplate {
  const folders = places.flatMap((folder) => [join(folder, 'templates'), folder]);
  return (name) => {
    const paths = isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name));
    const found = firstThere(paths);
    return found === undefined ? undefined : { file: found, text: readSourceFile(found) };
  };
}
