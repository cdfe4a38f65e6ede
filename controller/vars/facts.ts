import { settings } from '../config/settings.ts';
import { LazyMap } from '../template/python/values.ts';
import { type DataSource, type Layer, oncePer } from './layer.ts';

const prefix = 'ansible_';

/** Modules other than setup that bring facts, whose names need not begin with ansible_. */
export const bringsFacts: ReadonlySet<string> = new Set(['service_facts', 'package_facts', 'mount_facts', 'getent']);

/** Facts by their names without the ansible_ in front. */
export interface Facts extends DataSource {
  /** Names of all that there are, where `names` has those that are known so far. */
  all(): Iterable<string>;
  /** Whether there is one that never had that in front, and so is a variable by this very name (`services`). */
  hasOther(name: string): boolean;
}

/**
 * What connections and the run go by: never facts, so that naming one of them does not wait for facts, and no host's word counts
 * for how it is reached.
 */
const notFacts =
  /^orch_(?:address|agent_address|agent_port|node|transport)$|^ansible_(?:host|port|user|connection|password|timeout|become\w*|ssh_(?!host_key_(?!checking))\w+|private_key_file|host_key_checking|\w+_interpreter|\w+_mode|shell_(?:executable|type)|play_\w+|failed_\w+|loop\w*|index_var|version|remote_tmp|rsync_path|run_tags|skip_tags|limit|verbosity|managed)$/;

/** Whether a variable may be a fact at all. */
export const mayBeFact = (name: string): boolean => !notFacts.test(name);

/** What `ansible_facts` has: all by their bare names, but for `ansible_local`. */
const membersOf = (facts: Facts): DataSource => ({
  has: (name) => (name === 'ansible_local' ? facts.has('local') : name !== 'local' && facts.has(name)),
  get: (name) => facts.get(name === 'ansible_local' ? 'local' : name),
  *names() {
    for (const name of facts.all()) yield name === 'local' ? 'ansible_local' : name;
  },
});

/** What setup tells of itself, which never had an ansible_ in front. */
const ofSetup: ReadonlySet<string> = new Set(['gather_subset', 'module_setup']);

/** The name of a fact of setup without the ansible_ in front; undefined for others. */
function bareName(name: string): string | undefined {
  if (ofSetup.has(name)) return name;
  return name.startsWith(prefix) ? name.slice(prefix.length) : undefined;
}

/** Facts as Ansible shows them: `ansible_facts.kernel` and `ansible_kernel`, `ansible_facts.services` and `services`. */
export const factsLayer = oncePer((facts: Facts): Layer => {
  const members = new LazyMap(membersOf(facts));
  const isFact = (name: string) => {
    if (!mayBeFact(name)) return false;
    const bare = bareName(name);
    return bare === undefined ? facts.hasOther(name) : facts.has(bare);
  };
  return {
    has: (name) => name === 'ansible_facts' || (settings().injectFacts && isFact(name)),
    get: (name) => ({ data: name === 'ansible_facts' ? members : facts.get(bareName(name) ?? name) }),
    *names() {
      yield 'ansible_facts';
      if (settings().injectFacts) for (const name of facts.names()) yield prefix + name;
    },
  };
});
