import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { readSourceFile } from '../source/read-file.ts';
import type { ReadTemplate } from '../template/types.ts';

/**
 * Finds what templates include, import and extend: beside the template that is rendered, then beside the playbook,
 * in each place first in `templates/`. `file` is that template; undefined for a text of the playbook.
 */
export function templateSearch(playbook: string): (file: string | undefined) => ReadTemplate {
  return (file) => {
    const places = [...(file === undefined ? [] : [dirname(file)]), resolve(dirname(playbook))];
    const folders = places.flatMap((folder) => [join(folder, 'templates'), folder]);
    return (name) => {
      const paths = isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name));
      const found = paths.find((path) => existsSync(path));
      return found === undefined ? undefined : { file: found, text: readSourceFile(found) };
    };
  };
}
