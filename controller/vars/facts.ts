import { LazyMap } from '../template/values.ts';
import { type DataSource, type Layer, oncePer } from './layer.ts';

const prefix = 'ansible_';

/** What connections and the run go by: never facts, so that naming one of them does not wait for facts. */
const notFacts =
  /^ansible_(?:host|port|user|connection|password|become\w*|ssh_(?!host_key)\w+|private_key_file|host_key_checking|\w+_interpreter|\w+_mode|play_\w+|failed_\w+|loop\w*|index_var|version|remote_tmp|run_tags|skip_tags|limit|verbosity|managed)$/;

/** Facts as Ansible shows them: `ansible_facts.kernel` and `ansible_kernel`. */
export const factsLayer = oncePer((facts: DataSource): Layer => {
  const isFactName = (name: string) => name.startsWith(prefix) && !notFacts.test(name);
  return {
    has: (name) => name === 'ansible_facts' || (isFactName(name) && facts.has(name.slice(prefix.length))),
    get: (name) => ({ data: name === 'ansible_facts' ? new LazyMap(facts) : facts.get(name.slice(prefix.length)) }),
    *names() {
      yield 'ansible_facts';
      for (const name of facts.names()) yield prefix + name;
    },
  };
});
