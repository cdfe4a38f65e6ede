import { dirname, isAbsolute, join, normalize, relative, resolve, sep } from 'node:path';
import { type ErrorCode, type FilePlace, OrchError } from '../../../proto/errors.ts';
import { fromHome } from '../../source/from-home.ts';
import type { Located } from '../../source/located.ts';
import { fixedOrigin, placeOf } from '../../source/origins.ts';
import { type Catalog, type CatalogEntry, canonicalName } from '../catalog/catalog.ts';
import { type CustomModule, CustomModules, customEntry, isOfCollection } from '../catalog/custom-modules.ts';
import type { LoadedRole, ModuleDefaults, Play, Standing, Vars } from '../types.ts';
import { isTemplate } from '../values/template-check.ts';

/** What parsing needs from outside. */
export interface ParseDeps {
  /** Text of a file. Throws OrchError file-not-found. */
  readonly readFile: (path: string) => string;
  /** Names of the files in a folder, sorted; none when there is no such folder. */
  readonly listFolder?: (path: string) => readonly string[];
  /** Folders of roles, beside the playbook's own. */
  readonly rolesPath?: readonly string[];
  /** What plays are that don't say it. */
  readonly playDefaults?: PlayDefaults;
  readonly catalog: Catalog;
  /** Names in the catalog that no module of the playbook's own replaces: what the workstation does itself. */
  readonly isAction?: (name: string) => boolean;
  /** Folders of modules, and of what they import, beside those of roles and the playbook. */
  readonly library?: readonly string[];
  readonly moduleUtils?: readonly string[];
  readonly actionPlugins?: readonly string[];
  /** The text of a template that only asks for what is known before the run; undefined: it asks for more. */
  readonly nameOf?: (written: Located<string>, known: readonly Vars[]) => string | undefined;
  /** Of `private_role_vars`. */
  readonly privateRoleVars?: boolean | undefined;
  /** Folders of collections, beside the playbook's own. */
  readonly collections?: readonly string[];
  /** Takes in filters, tests and lookups that stand in the folder of a playbook or role. */
  readonly meetPlugins?: (folder: string) => void;
  /** True for a lookup of the playbook's own. */
  readonly isLookup?: (name: string) => boolean;
  /** Why a module of the playbook's own can't be run; undefined: it can. */
  readonly customProblem?: (module: CustomModule) => string | undefined;
}

export interface PlayDefaults {
  /** Of `gathering`. */
  readonly gatherFacts: boolean | undefined;
  readonly gatherOnce: boolean | undefined;
  readonly strategy: Play['strategy'];
  readonly anyErrorsFatal: boolean;
}

interface Problem {
  readonly code?: ErrorCode;
  readonly summary: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly part?: 'key' | 'value';
}

/** Where a parse is, beside its files. */
interface Scene {
  /** Folder of the playbook that is being read. */
  readonly playbookDir: string;
  /** Folder of the role that is being read. */
  readonly rolePath?: string | undefined;
  readonly moduleDefaults: ModuleDefaults;
  /** Static roles of the play that is being read. */
  readonly roles: LoadedRole[];
  readonly customModules: CustomModules;
  /** Collections whose modules and roles need not be named with them: `ns.name`, the first wins. */
  readonly collections?: readonly string[];
  /** Variables that are known before the run, the outermost first. */
  readonly known: readonly Vars[];
  /** True below a condition, in what a rescue catches and in the rescue, where what an include names need not be there. */
  readonly bounded?: boolean;
  /** True where a task that fails does not fail its host: wrong parameters and templates may be what it is about. */
  readonly forgiven?: boolean;
  /** True where a module is meant by its name, whatever action plugin stands before it. */
  readonly plain?: boolean;
  /** Among handlers: in the list of a play or file, or in a block of one, where as in Ansible no further block may stand. */
  readonly handlers?: 'list' | 'block' | undefined;
}

/** What a task's module is. */
export interface NamedModule {
  readonly entry: CatalogEntry;
  /** A module of the playbook's own. */
  readonly custom?: CustomModule | undefined;
  /** The action plugin that stands before it. */
  readonly plugin?: string | undefined;
}

/** One parse: what it needs, what it found wrong, and the files that led here. */
export class Context {
  readonly deps: ParseDeps;
  readonly errors: OrchError[];
  /** Files from the first to the one being read, each naming the next. */
  readonly chain: readonly string[];
  readonly scene: Scene;

  constructor(deps: ParseDeps, chain: readonly string[] = [], errors: OrchError[] = [], scene?: Scene) {
    this.deps = deps;
    this.chain = chain;
    this.errors = errors;
    this.scene = scene ?? {
      playbookDir: dirname(chain.at(-1) ?? '.'),
      roles: [],
      moduleDefaults: new Map(),
      known: [],
      customModules: new CustomModules({ ...deps, list: deps.listFolder ?? (() => []) }),
    };
  }

  /** The same parse, inside a file that the present one names. */
  within(file: string, scene: Partial<Scene> = {}): Context {
    const handlers = this.scene.handlers && 'list';
    return new Context(this.deps, [...this.chain, file], this.errors, { ...this.scene, handlers, ...scene });
  }

  /** The same place with other surroundings. */
  with(scene: Partial<Scene>): Context {
    return new Context(this.deps, this.chain, this.errors, { ...this.scene, ...scene });
  }

  /** Inside of what has these conditions. */
  under(conditions: readonly unknown[]): Context {
    return conditions.length === 0 ? this : this.with({ bounded: true });
  }

  /** The same place, with more variables that are known before the run. */
  knowing(...vars: readonly Vars[]): Context {
    return this.with({ known: [...this.scene.known, ...vars] });
  }

  /** A name with its template rendered, where what is known before the run, or `own`, is enough for it. */
  known(written: Located<string>, own: Vars = new Map()): Located<string> {
    if (!isTemplate(written.value)) return written;
    const { playbookDir, rolePath } = this.scene;
    const here = (value: string) => ({ value, origin: fixedOrigin(placeOf(written)), path: [] });
    const magic = new Map([['playbook_dir', here(resolve(playbookDir))]]);
    if (rolePath !== undefined) magic.set('role_path', here(resolve(rolePath)));
    const value = this.deps.nameOf?.(written, [magic, ...this.scene.known, own]);
    return value === undefined ? written : here(value);
  }

  /** The same place, with what is found wrong kept apart, and roles that join nothing. */
  apart(errors: OrchError[]): Context {
    return new Context(this.deps, this.chain, errors, { ...this.scene, roles: [] });
  }

  /** Has a role join the play that is read: its handlers and variables are the whole play's. Of one that is there, too, the later count. */
  join(role: LoadedRole): void {
    this.scene.roles.push(role);
  }

  get file(): string {
    return this.chain.at(-1) ?? '.';
  }

  get standing(): Standing {
    const { playbookDir, rolePath, moduleDefaults, customModules, collections } = this.scene;
    const standing = { file: this.file, playbookDir, rolePath, moduleDefaults, customModules };
    return collections ? { ...standing, collections } : standing;
  }

  error(at: Located, problem: Problem): void {
    this.errorAt(placeOf(at, problem.part), problem);
  }

  /** What is wrong inside of texts: where a failure is forgiven, the run finds it. */
  faults(errors: readonly OrchError[]): void {
    if (!this.scene.forgiven) this.errors.push(...errors);
  }

  errorAt(where: FilePlace, { code = 'playbook-structure', summary, detail, hint }: Problem): void {
    this.errors.push(new OrchError({ code, summary, detail, hint, where }));
  }

  /** Text of a file that `named` names; undefined after an error. */
  read(file: string, named: Located): string | undefined {
    try {
      return this.deps.readFile(file);
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      this.error(named, error);
      return undefined;
    }
  }

  /** True also of what can't be read, or not without its vault password: its reader tells that. */
  exists(file: string): boolean {
    try {
      this.deps.readFile(file);
      return true;
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      return !isMissing(error);
    }
  }

  /** What a name means in a task here. */
  module(written: string): NamedModule | undefined {
    const { catalog, isAction } = this.deps;
    const name = canonicalName(written);
    const { customModules, plain } = this.scene;
    const entry = catalog.get(name);
    // What is here is as good as what a collection of that name has.
    const found =
      isAction?.(name) || (entry && isOfCollection(written)) ? undefined : customModules.find(written, this.scene);
    // Better orch's own than the half of another.
    const own = entry && found?.half ? undefined : found;
    const custom = own ?? (entry ? undefined : customModules.findMoved(written, this.scene));
    const plugin = plain ? undefined : customModules.findAction(written, this.scene);
    if (custom || plugin !== undefined) return { entry: customEntry(name), custom, plugin };
    return entry && { entry };
  }

  /** The file that a path means here; where there is none, it is missed beside the file that names it. */
  find(written: string, kind: FileKind): string {
    return this.#first(written, candidates(written, kind, this.standing));
  }

  /** The same for a file of tasks that an include brings in the run. */
  findIncluded(written: string): string {
    return this.#first(written, includeCandidates(written, this.standing));
  }

  #first(written: string, places: readonly string[]): string {
    const path = fromHome(written);
    return places.find((file) => this.exists(file)) ?? (isAbsolute(path) ? path : join(dirname(this.file), path));
  }
}

/** How the system says that there is no file of a name. */
const missing: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);

/** Whether a file could not be read because there is none. */
function isMissing({ code, cause }: OrchError): boolean {
  return code === 'file-not-found' && (cause === undefined || missing.has((cause as NodeJS.ErrnoException).code));
}

/** Where a file stands, for those that it names. */
type Place = Pick<Standing, 'file' | 'playbookDir' | 'rolePath'>;

/** Folders that belong to kinds of files, in roles and beside playbooks. */
export type FileKind = 'tasks' | 'vars' | 'files' | 'templates';

/**
 * Where a path is looked for, in order, a relative one beside the file that names it, in its role (the kind's own folder first),
 * and beside the playbook.
 */
export function candidates(written: string, kind: FileKind, standing: Place): string[] {
  const path = fromHome(written);
  if (isAbsolute(path)) return [path];
  const { file, playbookDir, rolePath } = standing;
  const roles = rolePath === undefined ? [] : [join(rolePath, kind), rolePath];
  const beside = dirname(file);
  const folders =
    kind === 'tasks'
      ? [beside, ...roles, playbookDir, join(playbookDir, kind)]
      : [...roles, join(beside, kind), beside, join(playbookDir, kind), playbookDir];
  return [...new Set(folders.map((folder) => normalize(join(folder, path))))];
}

/** Where an include looks that is done in the run: as in Ansible in its role's folder of tasks, or of handlers, before all others. */
export function includeCandidates(written: string, standing: Place): string[] {
  const places = candidates(written, 'tasks', standing);
  const { file, rolePath } = standing;
  if (isAbsolute(fromHome(written)) || rolePath === undefined) return places;
  const [folder] = relative(rolePath, file).split(sep);
  const first = join(rolePath, folder === 'handlers' ? folder : 'tasks', written);
  return [...new Set([normalize(first), ...places])];
}
