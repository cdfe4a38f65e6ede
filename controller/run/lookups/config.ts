import { homedir } from 'node:os';
import { join } from 'node:path';
import { settings } from '../../config/settings.ts';
import type { Lookup } from '../../template/types.ts';
import { lookupError } from './terms.ts';

type Settings = ReturnType<typeof settings>;

/** Settings under Ansible's names, with its defaults where they mean something here. */
const known: Readonly<Record<string, (said: Settings) => unknown>> = {
  ANY_ERRORS_FATAL: ({ anyErrorsFatal }) => anyErrorsFatal,
  DEFAULT_ASK_VAULT_PASS: ({ askVaultPass }) => askVaultPass,
  DEFAULT_BECOME: ({ become }) => become,
  DEFAULT_BECOME_METHOD: () => 'sudo',
  DEFAULT_BECOME_USER: ({ becomeUser }) => becomeUser ?? 'root',
  DEFAULT_FORCE_HANDLERS: ({ forceHandlers }) => forceHandlers,
  DEFAULT_FORKS: () => 5,
  DEFAULT_GATHERING: ({ gathering }) => gathering ?? 'implicit',
  DEFAULT_HOST_LIST: ({ inventory }) => (inventory.length > 0 ? inventory : ['/etc/ansible/hosts']),
  DEFAULT_PRIVATE_KEY_FILE: ({ privateKeyFile }) => privateKeyFile ?? null,
  DEFAULT_REMOTE_PORT: ({ remotePort }) => remotePort ?? null,
  DEFAULT_REMOTE_USER: ({ remoteUser }) => remoteUser ?? null,
  DEFAULT_ROLES_PATH: ({ rolesPath }) =>
    rolesPath ?? [join(homedir(), '.ansible/roles'), '/usr/share/ansible/roles', '/etc/ansible/roles'],
  DEFAULT_STRATEGY: ({ strategy }) => strategy ?? 'linear',
  DEFAULT_TIMEOUT: ({ timeout }) => timeout ?? 10,
  DEFAULT_TRANSPORT: ({ transport }) => transport ?? 'ssh',
  DEFAULT_VAULT_PASSWORD_FILE: ({ vaultPasswordFile }) => vaultPasswordFile ?? null,
  DEFAULT_VERBOSITY: ({ verbosity }) => verbosity,
  HOST_KEY_CHECKING: ({ hostKeyChecking }) => hostKeyChecking,
};

/** `lookup('config', NAME, ...)`: settings of ansible.cfg and the environment; those of plugins are none of ours. */
export const configLookup: Lookup = (names, { on_missing: missing = 'error', plugin_name: plugin }) =>
  names.flatMap((name) => {
    const read = plugin === undefined && Object.hasOwn(known, String(name)) ? known[String(name)] : undefined;
    if (read) return [read(settings())];
    if (missing === 'skip' || missing === 'warn') return [];
    throw lookupError(
      'config',
      `there is no setting "${String(name)}"`,
      'say on_missing="skip" where it may be missing',
    );
  });
