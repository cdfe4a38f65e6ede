import { dirname, resolve } from 'node:path';
import { OrchError } from '../../../proto/errors.ts';
import { settings } from '../../config/settings.ts';
import type { LiveInventory } from '../../inventory/live-inventory.ts';
import { hostOf, matchHosts } from '../../inventory/select-hosts.ts';
import { type Inventory, localhosts } from '../../inventory/types.ts';
import { withCommas } from '../../playbook/parse/host-terms.ts';
import type { Play, RoleUse, Vars } from '../../playbook/types.ts';
import type { Located } from '../../source/located.ts';
import { optionText } from '../../source/origins.ts';
import type { Lookup } from '../../template/types.ts';
import type { Layer } from '../../vars/layer.ts';
import { type CommandLine, magicLayer } from '../../vars/magic.ts';
import { layersOf, type Sources } from '../../vars/precedence.ts';
import { renderLocated } from '../../vars/render.ts';
import { roleMagic, roleSources } from '../../vars/roles.ts';
import { createScope } from '../../vars/scope.ts';
import type { VarScope } from '../../vars/types.ts';
import { connectionVars, type SaidOfConnections } from '../hosts/connection-vars.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { RunContext, ScopedPlay } from '../state.ts';
import { ScopeOfTask, type ScopeRequest } from './task-scope.ts';
import { templatesIn } from './template-search.ts';
import { workstation } from './workstation-files.ts';

/** What scopes are made from: the input, as it was read. */
export interface ScopeSource {
  /** Tasks may add to it. */
  readonly inventory: Pick<LiveInventory, 'current' | 'beside' | 'host'>;
  readonly playbook: string;
  readonly extraVars: Vars;
  readonly commandLine: CommandLine;
  readonly connections: SaidOfConnections;
  /** Lookups of a task whose relative paths are looked for in these folders. */
  readonly lookups: (search: () => readonly string[]) => Readonly<Record<string, Lookup>>;
  /** Finds those of collections by their full names. */
  readonly lookupOf: (name: string) => Lookup | undefined;
  /** Variables of a play's vars_files, in their order; `render` gives a name with a template its text. */
  readonly varsFiles: (play: Play, render: (located: Located) => unknown) => readonly Vars[];
  readonly warn: (message: string, at: Located) => void;
}

/** Makes the scopes of a run's tasks, over what the hosts have learned so far. */
export function createScopes(source: ScopeSource): (state: (host: string) => HostState) => RunContext['scope'] {
  return (state) => {
    const scopes = new Scopes(source, state);
    return (play, request) => new ScopeOfTask(play ? scopes.ofTask(play, request) : scopes.ofHost(request));
  };
}

/** Scopes of one run; what is the same for many tasks is made once. */
class Scopes {
  readonly #source: ScopeSource;
  readonly #state: (host: string) => HostState;
  readonly #playbookDir: string;
  /** The inventory that the following was made of, by hosts. */
  #seen: Inventory | undefined;
  readonly #hostSources = new Map<string, Sources>();
  readonly #magicOutside = new Map<string, Layer>();
  #magicOfPlays = new WeakMap<ScopedPlay, Map<string, Layer>>();

  constructor(source: ScopeSource, state: (host: string) => HostState) {
    this.#source = source;
    this.#state = state;
    this.#playbookDir = resolve(dirname(source.playbook));
  }

  /** What other hosts see of a host. */
  ofHost({ host, locals }: ScopeRequest): VarScope {
    return this.#scopeOf(host, undefined, { locals });
  }

  ofTask(play: ScopedPlay, { host, vars, params, locals, roles = [], file, keywords }: ScopeRequest): VarScope {
    const { connections, varsFiles } = this.#source;
    const ofPlay = play.play.vars;
    const seen = { play: [...play.play.roles, ...(play.includedRoles ?? [])], around: roles };
    const surroundings = { ...roleMagic(seen), ...searchPath(roles, file, resolve(play.play.dir)) };
    return this.#scopeOf(host, play, {
      ...roleSources(seen),
      play: ofPlay,
      varsFiles: varsFiles(play.play, (located) => renderLocated(located, this.#scopeOf(host, play, { play: ofPlay }))),
      tasks: vars,
      includeParams: params,
      locals: { ...surroundings, ...locals },
      defaults: connectionVars(addressOf(host, this.#inventory()), keywords ?? play.play, connections),
    });
  }

  #scopeOf(host: string, play: ScopedPlay | undefined, more: Sources): VarScope {
    const magic = this.#magicOf(host, play);
    const layers = layersOf({ magic, ...this.#sourcesOf(host), ...this.#besidePlay(host, play), ...more });
    const state = this.#state(host);
    const folders = () => searchFolders(more.locals, this.#playbookDir);
    let lookups: Readonly<Record<string, Lookup>> | undefined;
    return createScope(layers, {
      lookups: () => (lookups ??= this.#lookups(state, folders)),
      lookupOf: (name) => {
        const found = this.#source.lookupOf(name);
        return found && inTurn(found, state);
      },
      templates: (file) => templatesIn([...folders(), ...(file === undefined ? [] : [dirname(file)])]),
      workstation,
      brokenConditionals: settings().brokenConditionals,
      mergeMappings: settings().hashBehaviour === 'merge',
      warn: this.#source.warn,
    });
  }

  #lookups(state: HostState, folders: () => readonly string[]): Readonly<Record<string, Lookup>> {
    return {
      ...allInTurn(this.#source.lookups(folders), state),
      inventory_hostnames: (patterns: readonly unknown[]) => {
        const all = patterns.map((pattern) => withCommas(String(pattern))).join(',');
        return all === '' ? [] : matchHosts(this.#inventory(), optionText('inventory_hostnames', all)).hosts;
      },
    };
  }

  /** The inventory as it is now; what was made of an older one is forgotten. */
  #inventory(): Inventory {
    const { current } = this.#source.inventory;
    if (current !== this.#seen) {
      this.#hostSources.clear();
      this.#magicOutside.clear();
      this.#magicOfPlays = new WeakMap();
      this.#seen = current;
    }
    return current;
  }

  /** What is the same for all tasks of a host. */
  #sourcesOf(name: string): Sources {
    const inventory = this.#inventory();
    const known = this.#hostSources.get(name);
    if (known) return known;
    const host = this.#source.inventory.host(name);
    // Tasks may be delegated to what no inventory has; a bare word is more likely a mistake.
    if (!host && !/[.:]/.test(name)) throw unknownHost(name, inventory);
    const state = this.#state(name);
    const sources: Sources = {
      inventory: host?.vars ?? new Map(),
      ...learned(state),
      includeVars: state.included,
      extra: this.#source.extraVars,
    };
    this.#hostSources.set(name, sources);
    return sources;
  }

  /** What stands beside the play's playbook, where that is in another folder than the first one. */
  #besidePlay(name: string, play: ScopedPlay | undefined): Pick<Sources, 'inventory'> {
    const beside = this.#source.inventory.beside(resolve(play?.play.dir ?? this.#playbookDir));
    const host = beside === this.#inventory() ? undefined : hostOf(beside, name);
    return host ? { inventory: host.vars } : {};
  }

  /** The run's own variables: made once for a host in a play, since every task asks for them. */
  #magicOf(host: string, play: ScopedPlay | undefined): Layer {
    const inventory = this.#inventory();
    const made = play ? (this.#magicOfPlays.get(play) ?? new Map<string, Layer>()) : this.#magicOutside;
    if (play) this.#magicOfPlays.set(play, made);
    const known = made.get(host);
    if (known) return known;
    const magic = this.#makeMagic(host, play, inventory);
    made.set(host, magic);
    return magic;
  }

  #makeMagic(host: string, play: ScopedPlay | undefined, inventory: Inventory): Layer {
    // Only hosts that are on their way together learn something meanwhile.
    const awaitOthers = (others = play?.batch) => {
      if (play && others?.some((name) => name !== host && play.batch.includes(name))) this.#state(host).awaitOthers();
    };
    const isIn = (name: string) => !this.#state(name).out && play?.left?.has(name) !== true;
    return magicLayer({
      host,
      inventory,
      hostScope: (named, seen = (magic) => magic) => {
        const other = hostOf(inventory, named)?.name ?? named;
        awaitOthers([other]);
        const magic = seen(this.#magicOf(other, undefined));
        return this.#scopeOf(other, undefined, { ...this.#besidePlay(other, play), magic });
      },
      playHosts: () => {
        awaitOthers();
        return inInventoryOrder(inventory, play, play?.hosts.filter(isIn) ?? []);
      },
      playHostsAll: inInventoryOrder(inventory, play, play?.hosts ?? []),
      playBatch: () => {
        awaitOthers();
        return play?.batch.filter(isIn) ?? [];
      },
      commandLine: this.#source.commandLine,
      playbookDir: play ? resolve(play.play.dir) : this.#playbookDir,
      playName: play?.name,
      configFile: settings().file,
    });
  }
}

/** Where a host is of which nobody says it: as in Ansible that is its name, but for a workstation that no inventory names. */
export function addressOf(host: string, { hosts }: Inventory): string {
  return localhosts.has(host) && !hosts.has(host) ? '127.0.0.1' : host;
}

/** A lookup that waits for the tasks before it where those may change what it reads. */
function inTurn(lookup: Lookup, state: HostState): Lookup {
  if (!state.onWorkstation) return lookup;
  return (...asked) => {
    state.awaitWorkstation();
    return lookup(...asked);
  };
}

function allInTurn(lookups: Readonly<Record<string, Lookup>>, state: HostState): Readonly<Record<string, Lookup>> {
  if (!state.onWorkstation) return lookups;
  const waiting = Object.entries(lookups).map(([name, lookup]): [string, Lookup] => [name, inTurn(lookup, state)]);
  return Object.fromEntries(waiting);
}

/** Variables name a play's hosts in the inventory's order, whatever order they begin in. */
function inInventoryOrder(
  inventory: Inventory,
  play: ScopedPlay | undefined,
  hosts: readonly string[],
): readonly string[] {
  if (play?.play.order === undefined) return hosts;
  const named = new Set(hosts);
  return [...inventory.hosts.keys()].filter((host) => named.has(host));
}

function searchFolders(locals: Sources['locals'], playbookDir: string): readonly string[] {
  const folders = locals?.ansible_search_path;
  return Array.isArray(folders) ? folders.map(String) : [playbookDir];
}

/** Folders in which a task's files are looked for, innermost first. */
function searchPath(roles: readonly RoleUse[], file: string | undefined, playbookDir: string) {
  const folders = [
    ...roles.map(({ path }) => resolve(path)).reverse(),
    ...(file === undefined ? [] : [resolve(dirname(file))]),
  ];
  return { ansible_search_path: [...new Set([...folders, playbookDir])] };
}

/** What a host has learned: facts and results, which may still be on their way. */
function learned(state: HostState): Required<Pick<Sources, 'facts' | 'variables'>> {
  return {
    facts: {
      has: (name) => state.hasFact(name),
      hasOther: (name) => state.hasOtherFact(name),
      get: (name) => state.facts.get(name),
      names: () => state.facts.keys(),
      all: () => state.factNames(),
    },
    variables: {
      has: (name) => state.hasVariable(name),
      get: (name) => state.variables.get(name),
      names: () => state.variables.keys(),
    },
  };
}

function unknownHost(name: string, inventory: Inventory): OrchError {
  return new OrchError({ code: 'unknown-host', summary: `No host "${name}" in the inventory ${inventory.source}.` });
}
