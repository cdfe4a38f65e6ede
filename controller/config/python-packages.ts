import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

interface Places {
  readonly home: string;
  /** The virtual environment that is on. */
  readonly environment: string | undefined;
  readonly system: string;
}

const here: Places = { home: homedir(), environment: process.env.VIRTUAL_ENV, system: '/usr' };

/** Where Pythons keep what is installed: of the environment that is on, of the user, of pipx, of the machine. */
function libraries({ home, environment, system }: Places): readonly string[] {
  const pipx = ['.local/share/pipx/venvs', '.local/pipx/venvs'].flatMap((folder) =>
    ['ansible', 'ansible-core'].map((name) => join(home, folder, name, 'lib')),
  );
  const own = environment ? [join(environment, 'lib')] : [];
  return [...own, join(home, '.local/lib'), ...pipx, join(system, 'local/lib'), join(system, 'lib')];
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Folders of Python's packages that have `ansible_collections`, as `pip install ansible` and the packages of systems leave them. */
export function pythonCollections(places = here): readonly string[] {
  return libraries(places).flatMap((library) =>
    entries(library)
      .filter((name) => /^python3(?:\.\d+)?$/.test(name))
      .flatMap((python) => ['site-packages', 'dist-packages'].map((kind) => join(library, python, kind)))
      .filter((folder) => existsSync(join(folder, 'ansible_collections'))),
  );
}
