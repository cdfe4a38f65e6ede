import { resolve } from 'node:path';
import { OrchError } from '../../../proto/errors.ts';
import { candidates } from '../../playbook/parse/context.ts';
import { parseVarsFileText } from '../../playbook/parse/vars-file.ts';
import type { Play, Vars, VarsFile } from '../../playbook/types.ts';
import type { Located } from '../../source/located.ts';
import { placeOf } from '../../source/origins.ts';
import { readSourceFile } from '../../source/read-file.ts';
import { firstThere } from '../../source/used-files.ts';
import { str } from '../../template/python/text.ts';

type Warn = (message: string, at: Located) => void;

/** Files of `vars_files`; those whose names only the run knows are each read once. */
export class VarsFiles {
  readonly #read = new Map<string, Vars>();
  /** Those that were warned of. */
  readonly #skipped = new Set<VarsFile>();

  /**
   * The variables of a play's files, in their order; `render` gives a name with a template its text. As in Ansible, one whose
   * name asks for what is not known is passed over, and `warn` hears of it once. Throws OrchError.
   */
  of(play: Play, render: (located: Located) => unknown, warn: Warn = () => {}): readonly Vars[] {
    return play.varsFiles.flatMap((file) => {
      if (file.vars) return [file.vars];
      const names = namesOf(file, render);
      if (!names && !this.#skipped.has(file)) warn('skipping vars_files item due to an undefined variable', file);
      if (!names) {
        this.#skipped.add(file);
        return [];
      }
      const places = names.flatMap((name) => candidates(name, 'vars', file.standing).map((place) => resolve(place)));
      return [this.#load(firstThere(places) ?? places[0] ?? '', file)];
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

/** Undefined where a name asks for what is not known. */
function namesOf(file: VarsFile, render: (located: Located) => unknown): readonly string[] | undefined {
  try {
    return [file, ...file.others].map((name) => str(render(name)));
  } catch (error) {
    if (error instanceof OrchError && error.code === 'undefined-variable') return undefined;
    throw error;
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
  const { vars, errors } = parseVarsFileText(text, path);
  if (errors[0]) throw errors[0];
  return vars;
}
