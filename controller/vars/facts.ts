import { LazyMap } from '../template/values.ts';
import type { DataSource, Layer } from './layer.ts';

const prefix = 'ansible_';

/** Variables of a connection: never facts, so that naming one does not wait for facts. */
const connection = new Set(
  [
    ...['host', 'port', 'user', 'password', 'connection', 'become', 'become_user', 'become_password', 'become_method'],
    ...['ssh_private_key_file', 'ssh_common_args', 'ssh_extra_args', 'ssh_pass', 'host_key_checking'],
    ...['python_interpreter', 'remote_tmp', 'check_mode', 'diff_mode', 'version', 'loop_var', 'index_var'],
  ].map((name) => prefix + name),
);

/** Facts as Ansible shows them: `ansible_facts.kernel` and `ansible_kernel`. */
export function factsLayer(facts: DataSource): Layer {
  const isFactName = (name: string) => name.startsWith(prefix) && !connection.has(name);
  return {
    has: (name) => name === 'ansible_facts' || (isFactName(name) && facts.has(name.slice(prefix.length))),
    get: (name) => ({ data: name === 'ansible_facts' ? new LazyMap(facts) : facts.get(name.slice(prefix.length)) }),
    *names() {
      yield 'ansible_facts';
      for (const name of facts.names()) yield prefix + name;
    },
  };
}
