import { OrchError } from '../../../proto/errors.ts';
import { hostOf } from '../../inventory/select-hosts.ts';
import type { Inventory, InventoryHost } from '../../inventory/types.ts';
import type { Vars } from '../../playbook/types.ts';
import { compileExpression, compileFile, hasTemplate, truthy } from '../../template/compile.ts';
import type { Scope } from '../../template/types.ts';
import { LazyMap } from '../../template/values.ts';
import type { HostState } from '../host-state.ts';
import type { PlayRun, RunContext } from '../state.ts';
import { type Layer, LayeredScope, lazyScope, valuesScope } from './layers.ts';
import { magicVariables, omitted } from './magic.ts';
import { renderDeep, withPlace } from './render.ts';
import type { ScopeSource, TaskScope } from './task-scope.ts';

/** Ansible's precedence, from what wins: locals, the run's own, -e, results and set_fact, task, blocks, files, play, facts, inventory. */
export function createScopes(source: ScopeSource): (state: (host: string) => HostState) => RunContext['scope'] {
  return (state) => {
    const hosts = new Map<string, HostLayers>();
    const hostLayers = (name: string): HostLayers => {
      let layers = hosts.get(name);
      if (!layers) {
        const host = hostOf(source.inventory, name);
        if (!host) throw unknownHost(name, source.inventory);
        layers = { host, facts: factsLayer(state(name), host.vars), learned: learnedLayer(state(name)) };
        hosts.set(name, layers);
      }
      return layers;
    };
    const hostvars: Scope = {
      has: (name) => hostOf(source.inventory, name) !== undefined,
      get: (name) => new LazyMap(scopeOf(name, undefined, [], {})),
      names: () => source.inventory.hosts.keys(),
    };
    const scopeOf = (name: string, play: PlayRun | undefined, vars: readonly Vars[], locals: Locals): LayeredScope => {
      const { host, facts, learned } = hostLayers(name);
      const layers: Layer[] = [
        { known: valuesScope(locals) },
        { known: magicVariables(source, host, play, hostvars) },
        { written: source.extraVars },
        { known: learned },
        ...vars.map((written) => ({ written })).reverse(),
        { known: facts },
        { written: host.vars },
      ];
      const scope: LayeredScope = new LayeredScope(
        [...layers, { known: lazyScope({ vars: () => new LazyMap(scope) }) }],
        source.lookups,
      );
      return scope;
    };
    return (play, { host, vars, locals }) => {
      const before = [play.play.vars];
      const files = source.varsFiles(play.play, (located) =>
        renderDeep(located, scopeOf(host, play, before, {}).options),
      );
      return taskScope((more) => scopeOf(host, play, [...before, ...files, ...vars], { ...locals, ...more }), {});
    };
  };
}

type Locals = Readonly<Record<string, unknown>>;

interface HostLayers {
  readonly host: InventoryHost;
  readonly facts: Scope;
  readonly learned: Scope;
}

function taskScope(make: (locals: Locals) => LayeredScope, locals: Locals): TaskScope {
  const scope = make(locals);
  const { options } = scope;
  return {
    render: (located) => renderDeep(located, options),
    holds: ({ value, origin, path }) =>
      typeof value === 'boolean'
        ? value
        : withPlace(
            () => truthy(compileExpression(expressionOf(value)).render(options)),
            (line, column) => origin.placeInText(path, line, column),
          ),
    evaluate: (expression, place) =>
      withPlace(
        () => compileExpression(expressionOf(expression)).render(options),
        () => place,
      ),
    variable: (name) => (scope.has(name) ? scope.get(name) : undefined),
    isOmitted: (value) => value === omitted,
    renderText: (text, file) =>
      withPlace(
        () => compileFile(text).render(options),
        (line, column) => ({ file, line, column, excerpt: text.split('\n')[line - 1] ?? '' }),
      ),
    with: (more) => taskScope(make, { ...locals, ...more }),
  };
}

/** Conditions are expressions; one that was put into {{ }} nevertheless means what is inside. */
function expressionOf(text: string): string {
  const inner = hasTemplate(text) ? /^\s*\{\{([\s\S]*)\}\}\s*$/.exec(text)?.[1] : undefined;
  return inner ?? text;
}

function learnedLayer(state: HostState): Scope {
  return {
    has: (name) => state.hasVariable(name),
    get: (name) => state.variables.get(name),
    names: () => state.variables.keys(),
  };
}

/** Names that connections and the run go by: asking for one of them is no reason to read facts. */
const noFacts =
  /^ansible_(?:host|port|user|connection|password|become.*|ssh_.*|private_key_file|.*_interpreter|.*_mode|play_.*|failed_.*|loop.*|index_var)$/;

/** Facts by their full names, and all of them under `ansible_facts`; what the inventory says needs no facts to be read. */
function factsLayer(state: HostState, inventory: Vars): Scope {
  const prefix = 'ansible_';
  const facts: Scope = {
    has: (name) => state.hasFact(name),
    get: (name) => state.facts.get(name),
    names: () => state.facts.keys(),
  };
  const isFact = (name: string): boolean => {
    if (!name.startsWith(prefix)) return false;
    const short = name.slice(prefix.length);
    return inventory.has(name) || noFacts.test(name) ? state.facts.has(short) : facts.has(short);
  };
  return {
    has: (name) => name === 'ansible_facts' || isFact(name),
    get: (name) => (name === 'ansible_facts' ? new LazyMap(facts) : facts.get(name.slice(prefix.length))),
    names: () => ['ansible_facts', ...[...state.facts.keys()].map((name) => prefix + name)],
  };
}

function unknownHost(name: string, inventory: Inventory): OrchError {
  return new OrchError({ code: 'unknown-host', summary: `No host "${name}" in the inventory ${inventory.source}.` });
}
