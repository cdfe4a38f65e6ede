import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { readSourceFile } from '../source/read-file.ts';
import type { ReadTemplate } from '../template/types.ts';

/** Finds templates by name in folders, in each first in `templates/`. */
export function templatesIn(places: readonly string[]): ReadTemplate {
  const folders = places.flatMap((folder) => [join(folder, 'templates'), folder]);
  return (name) => {
    const paths = isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name));
    const found = paths.find((path) => existsSync(path));
    return found === undefined ? undefined : { file: found, text: readSourceFile(found) };
  };
}

/**
 * Finds what templates include, import and extend: beside the template that is rendered, then beside the playbook.
 * `file` is that template; undefined for a text of the playbook.
 */
export function templateSearch(playbook: string): (file: string | undefined) => ReadTemplate {
  return (file) => templatesIn([...(file === undefined ? [] : [dirname(file)]), resolve(dirname(playbook))]);
}
