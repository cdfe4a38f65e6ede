import type { Settings } from '../../config/settings.ts';

/** An option of a plugin of Ansible's, under its name there. */
export interface PluginOption {
  /** Variables that say it. */
  readonly variables: readonly string[];
  readonly setting: keyof Settings | undefined;
  /** Where nothing says it; null: what the setting is then. */
  readonly otherwise: unknown;
}

type Options = Readonly<Record<string, PluginOption>>;

function option(variables: string, setting?: keyof Settings, otherwise: unknown = null): PluginOption {
  return { variables: variables.split(' '), setting, otherwise };
}

const ssh: Options = {
  host: option('inventory_hostname ansible_host ansible_ssh_host'),
  host_key_checking: option('ansible_host_key_checking ansible_ssh_host_key_checking', 'hostKeyChecking'),
  port: option('ansible_port ansible_ssh_port', 'remotePort'),
  private_key_file: option('ansible_private_key_file ansible_ssh_private_key_file', 'privateKeyFile'),
  remote_user: option('ansible_user ansible_ssh_user', 'remoteUser'),
  ssh_args: option('ansible_ssh_args', 'sshArgs'),
  ssh_common_args: option('ansible_ssh_common_args', 'sshCommonArgs'),
  ssh_extra_args: option('ansible_ssh_extra_args', 'sshExtraArgs'),
  timeout: option('ansible_ssh_timeout', 'timeout', 10),
};

const sudo: Options = {
  become_exe: option('ansible_become_exe ansible_sudo_exe', undefined, 'sudo'),
  become_flags: option('ansible_become_flags ansible_sudo_flags', undefined, '-H -S -n'),
  become_user: option('ansible_become_user ansible_sudo_user', 'becomeUser', 'root'),
};

/** By kind and name of the plugin. */
export const optionsOfPlugins: ReadonlyMap<string, Options> = new Map<string, Options>([
  ['connection ssh', ssh],
  ['become sudo', sudo],
  ['shell sh', { remote_tmp: option('ansible_remote_tmp', undefined, '~/.ansible/tmp') }],
]);
