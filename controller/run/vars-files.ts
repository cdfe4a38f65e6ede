import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { candidates } from '../playbook/context.ts';
import type { Play, Vars, VarsFile } from '../playbook/types.ts';
import { parseVarsText } from '../playbook/vars-file.ts';
import type { Located } from '../source/located.ts';
import { placeOf } from '../source/origins.ts';
import { readSourceFile } from '../source/read-file.ts';

/** Files of `vars_files`; those whose names only the run knows are each read once. */
export class VarsFiles {
  readonly #read = new Map<string, Vars>();

  /** The variables of a play's files, in their order; `render` gives a name with a template its text. Throws OrchError. */
  of(play: Play, render: (located: Located) => unknown): readonly Vars[] {
    return play.varsFiles.map((file) => {
      if (file.vars) return file.vars;
      const names = [file, ...file.others].map((name) => String(render(name)));
      const places = names.flatMap((name) => candidates(name, 'vars', file.standing).map((place) => resolve(place)));
      return this.#load(places.find((place) => existsSync(place)) ?? places[0] ?? '', file);
    });
  }

  #load(path: string, named: VarsFile): Vars {
    let vars = this.#read.get(path);
    if (!vars) {
      vars = readVars(path, named);
      this.#read.set(path, vars);
    }
    return vars;
  }
}

function readVars(path: string, named: VarsFile): Vars {
  let text: string;
  try {
    text = readSourceFile(path);
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    throw new OrchError({ code: error.code, summary: error.summary, where: placeOf(named), cause: error });
  }
  const { vars, errors } = parseVarsText(text, path);
  if (errors[0]) throw errors[0];
  return vars;
}
