import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pythonCollections } from '../config/python-packages.ts';
import { settings } from '../config/settings.ts';
import { collectionFolders } from '../playbook/catalog/collections.ts';
import { loadYaml } from '../source/load-yaml.ts';
import { isFolder } from '../source/read-file.ts';
import { compile } from '../template/compile.ts';
import { Fault } from '../template/fault.ts';
import { type OwnPlugin, type OwnPlugins, useOwnPlugins } from '../template/own-plugins.ts';
import { toPlain } from '../template/python/plain.ts';
import type { Lookup, RenderOptions } from '../template/types.ts';
import { PluginProcess } from './plugin-process.ts';
import { receivedValue, sentValue } from './plugin-values.ts';

const kinds = ['filter', 'test', 'lookup'] as const;
type Kind = (typeof kinds)[number];

/** A file of plugins. */
interface PluginFile {
  readonly file: string;
  /** What Python calls it. */
  readonly name: string;
  readonly text: string;
  /** Of the filters or tests in it, once they were asked for. */
  names?: readonly string[];
  /** Why there are none. */
  wrong?: string;
}

type Values = Readonly<Record<string, unknown>>;

/** NAMESPACE.COLLECTION.NAME; between them may stand the folders that the plugin's file lies in. */
const ofCollection = /^(?!ansible\.(?:builtin|legacy)\.)(\w+\.\w+)((?:\.\w+)*)\.(\w+)$/;

const nameOf = ({ file }: PluginFile): string => basename(file, '.py');

/** The files in Python of a folder; `within`: the package that it is. */
function filesIn(folder: string, within: string): PluginFile[] {
  if (!isFolder(folder)) return [];
  const names = readdirSync(folder).filter((name) => /^(?!__init__\.)[^.].*\.py$/.test(name));
  return names.sort().map((name) => ({
    file: resolve(folder, name),
    name: `${within}.${basename(name, '.py')}`,
    text: readFileSync(join(folder, name), 'utf8'),
  }));
}

/**
 * Filters, tests and lookups in Python that come with playbooks, roles and collections, or stand where the settings say. Those of
 * the playbook come first, then those of roles as they are met, as in Ansible.
 */
export class FoundPlugins implements OwnPlugins {
  readonly #met = new Set<string>();
  readonly #beside: Record<Kind, PluginFile[]> = { filter: [], test: [], lookup: [] };
  readonly #configured: Readonly<Record<Kind, readonly PluginFile[]>>;
  readonly #ofCollections = new Map<string, readonly PluginFile[]>();
  /** What was looked for, since the last folder was met. */
  readonly #known = new Map<string, OwnPlugin | undefined>();
  readonly #roots: () => readonly string[];
  readonly #process: PluginProcess;

  /** @param roots folders that have `ansible_collections` */
  constructor(folders: Readonly<Record<Kind, readonly string[]>>, roots: () => readonly string[]) {
    const configured = (kind: Kind) => folders[kind].flatMap((folder) => filesIn(folder, `ansible.plugins.${kind}`));
    this.#configured = { filter: configured('filter'), test: configured('test'), lookup: configured('lookup') };
    this.#roots = roots;
    this.#process = new PluginProcess(() => roots().map((root) => join(root, 'ansible_collections')));
  }

  /** Takes in what stands in the folder of a playbook or role. */
  meet(folder: string): void {
    if (this.#met.has(folder)) return;
    this.#met.add(folder);
    this.#known.clear();
    for (const kind of kinds) {
      this.#beside[kind].push(...filesIn(join(folder, `${kind}_plugins`), `ansible.plugins.${kind}`));
    }
  }

  find(kind: 'filter' | 'test', name: string, isKnown: boolean): OwnPlugin | undefined {
    const key = `${kind} ${name}`;
    if (!this.#known.has(key)) this.#known.set(key, this.#search(kind, name, isKnown));
    return this.#known.get(key);
  }

  #search(kind: 'filter' | 'test', written: string, isKnown: boolean): OwnPlugin | undefined {
    const [, collection, folders = '', inner] = ofCollection.exec(written) ?? [];
    if (written.startsWith('ansible.builtin.') || (collection !== undefined && isKnown)) return undefined;
    const plugin = inner ?? written.replace(/^ansible\.legacy\./, '');
    const files = collection === undefined ? this.#all(kind) : this.#inCollection(kind, collection, folders);
    const holder = files.find((each) => {
      // To ask Python takes time: what orch has itself is some file's only where that says its name.
      const says = each.text.includes(`'${plugin}'`) || each.text.includes(`"${plugin}"`);
      return (says || !isKnown) && this.#names(kind, each).includes(plugin);
    });
    if (!holder) return undefined;
    const asked = { does: 'call', kind, file: holder.file, name: holder.name, plugin };
    return (args, options, rendering) =>
      this.#answer(`The ${kind} plugin '${written}' failed: `, { ...asked, ...given(args, options) }, rendering);
  }

  whyNot(kind: 'filter' | 'test'): string | undefined {
    return this.#all(kind).find(({ wrong }) => wrong !== undefined)?.wrong;
  }

  /** Lookups by name. */
  lookups(): Readonly<Record<string, Lookup>> {
    const named = this.#all('lookup').map((each): [string, Lookup] => [nameOf(each), this.#lookupIn(each)]);
    // The first of a name counts.
    return Object.fromEntries(named.reverse());
  }

  /** The lookup of a collection that a full name means. */
  lookupOf(written: string): Lookup | undefined {
    const [, collection, folders = '', plugin] = ofCollection.exec(written) ?? [];
    if (collection === undefined) return undefined;
    const holder = this.#inCollection('lookup', collection, folders).find((each) => nameOf(each) === plugin);
    return holder && this.#lookupIn(holder, written);
  }

  #lookupIn(each: PluginFile, called = nameOf(each)): Lookup {
    const { file, name } = each;
    return (args, options, rendering) => {
      const asked = { does: 'look_up', file, name, ...given(args, options) };
      const value = this.#answer(`The lookup plugin '${called}' failed: `, asked, rendering);
      return Array.isArray(value) ? value : [value];
    };
  }

  #all(kind: Kind): readonly PluginFile[] {
    return [...this.#beside[kind], ...this.#configured[kind]];
  }

  /** @param inner folders in that of the kind, each behind a dot */
  #inCollection(kind: Kind, collection: string, inner: string): readonly PluginFile[] {
    const key = `${kind} ${collection}${inner}`;
    const known = this.#ofCollections.get(key);
    if (known) return known;
    const within = `ansible_collections.${collection}.plugins.${kind}${inner}`;
    const folders = collectionFolders(collection, '.', this.#roots());
    const files = folders.flatMap((folder) => filesIn(join(folder, 'plugins', kind, ...inner.split('.')), within));
    this.#ofCollections.set(key, files);
    return files;
  }

  #names(kind: Kind, each: PluginFile): readonly string[] {
    if (each.names) return each.names;
    try {
      const names = this.#answer('', { does: 'names', kind, file: each.file, name: each.name });
      each.names = Array.isArray(names) ? names.map(String) : [];
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      each.names = [];
      each.wrong = `${each.file} can't be read: ${error.message}`;
    }
    return each.names;
  }

  /** What the process answers; it may ask back for what is rendered. Throws Fault where that is an error. */
  #answer(failing: string, question: Values, rendering?: RenderOptions): unknown {
    const said = this.#process.ask(question, (what, of) => (rendering ? knownOf(what, of, rendering) : null));
    if (typeof said.unsupported === 'string') throw new Fault(said.unsupported);
    if (typeof said.error === 'string') throw new Fault(`${failing}${said.error}`);
    return receivedValue(said.value);
  }
}

function given(args: readonly unknown[], options: Values): { readonly args: unknown; readonly options: unknown } {
  return { args: args.map(sentValue), options: sentValue(options) };
}

/** What a plugin asks back: variables, and what a text means. */
export function knownOf(what: string, of: unknown, rendering: RenderOptions): unknown {
  const text = String(of);
  if (what === 'names') return [...rendering.scope.names()];
  if (what === 'variable') return sentValue(toPlain(rendering.scope.get(text)));
  if (what === 'template') return sentValue(compile(text).render(rendering));
  return loadYaml(text, '').documents[0]?.value ?? null;
}

let found: FoundPlugins | undefined;

/** The plugins of this program, which the engine of templates knows from the first call on. */
export function ownPlugins(): FoundPlugins {
  if (found) return found;
  const { filterPlugins, testPlugins, lookupPlugins, collectionsPath, collectionsOfPython } = settings();
  const roots = () => [...collectionsPath, ...(collectionsOfPython ? pythonCollections() : [])];
  found = new FoundPlugins({ filter: filterPlugins, test: testPlugins, lookup: lookupPlugins }, roots);
  useOwnPlugins(found);
  return found;
}
