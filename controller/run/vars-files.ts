import { dirname, resolve } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { isTemplate } from '../playbook/template-check.ts';
import type { Play, Playbook, Vars } from '../playbook/types.ts';
import { parseVarsText } from '../playbook/vars-file.ts';
import type { Located } from '../source/located.ts';
import { readSourceFile } from '../source/read-file.ts';

/** Files of a playbook's `vars_files`, each read once. */
export class VarsFiles {
  readonly #folder: string;
  readonly #read = new Map<string, { vars: Vars; errors: readonly OrchError[] }>();

  constructor(playbook: string) {
    this.#folder = dirname(playbook);
  }

  /** Errors of all files whose names hold no template. */
  check({ plays }: Playbook): readonly OrchError[] {
    const named = plays.flatMap(({ varsFiles }) => varsFiles).filter(({ value }) => !isTemplate(value));
    return named.flatMap((file) => this.#load(file.value, file).errors);
  }

  /** The variables of a play's files, in their order; `render` gives a name with a template its text. Throws OrchError. */
  of(play: Play, render: (located: Located) => unknown): readonly Vars[] {
    return play.varsFiles.map((file) => {
      const { vars, errors } = this.#load(isTemplate(file.value) ? String(render(file)) : file.value, file);
      if (errors[0]) throw errors[0];
      return vars;
    });
  }

  #load(name: string, named: Located): { vars: Vars; errors: readonly OrchError[] } {
    const path = resolve(this.#folder, name);
    let file = this.#read.get(path);
    if (!file) {
      file = readVars(path, named);
      this.#read.set(path, file);
    }
    return file;
  }
}

function readVars(path: string, { origin, path: at }: Located): { vars: Vars; errors: readonly OrchError[] } {
  try {
    return parseVarsText(readSourceFile(path), path);
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    const { code, summary, detail, hint } = error;
    const where = origin.place(at);
    return { vars: new Map(), errors: [new OrchError({ code, summary, detail, hint, where, cause: error })] };
  }
}
