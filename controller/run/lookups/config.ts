import { homedir } from 'node:os';
import { join } from 'node:path';
import { settings } from '../../config/settings.ts';
import type { Lookup } from '../../template/types.ts';
import { defaultForks } from '../../vars/magic.ts';
import { lookupError } from './terms.ts';

type Settings = ReturnType<typeof settings>;

/** Settings under Ansible's names, with its defaults where they mean something here. */
const known: Readonly<Record<string, (said: Settings) => unknown>> = {
  ANY_ERRORS_FATAL: ({ anyErrorsFatal }) => anyErrorsFatal,
  CACHE_PLUGIN: ({ factCaching }) => factCaching,
  CACHE_PLUGIN_CONNECTION: ({ factCachingConnection }) => factCachingConnection ?? null,
  CACHE_PLUGIN_TIMEOUT: ({ factCachingTimeout }) => factCachingTimeout,
  COLLECTIONS_PATHS: ({ collectionsPath }) => collectionsPath,
  DEFAULT_ASK_VAULT_PASS: ({ askVaultPass }) => askVaultPass,
  DEFAULT_BECOME: ({ become }) => become,
  DEFAULT_BECOME_METHOD: () => 'sudo',
  DEFAULT_BECOME_USER: ({ becomeUser }) => becomeUser ?? 'root',
  DEFAULT_FORCE_HANDLERS: ({ forceHandlers }) => forceHandlers,
  DEFAULT_FILTER_PLUGIN_PATH: ({ filterPlugins }) => filterPlugins,
  DEFAULT_FORKS: ({ forks }) => forks ?? defaultForks,
  DEFAULT_GATHERING: ({ gathering }) => gathering ?? 'implicit',
  DEFAULT_HASH_BEHAVIOUR: ({ hashBehaviour }) => hashBehaviour,
  DEFAULT_HOST_LIST: ({ inventory }) => (inventory.length > 0 ? inventory : ['/etc/ansible/hosts']),
  DEFAULT_LOG_PATH: ({ logPath }) => logPath ?? null,
  DEFAULT_LOOKUP_PLUGIN_PATH: ({ lookupPlugins }) => lookupPlugins,
  DEFAULT_MANAGED_STR: ({ ansibleManaged }) => ansibleManaged,
  DEFAULT_MODULE_ARGS: ({ moduleArgs }) => moduleArgs || null,
  DEFAULT_MODULE_NAME: ({ moduleName }) => moduleName,
  DEFAULT_MODULE_PATH: ({ library }) => library,
  DEFAULT_MODULE_UTILS_PATH: ({ moduleUtils }) => moduleUtils,
  DEFAULT_NO_LOG: ({ noLog }) => noLog,
  DEFAULT_POLL_INTERVAL: ({ pollInterval }) => pollInterval,
  DEFAULT_PRIVATE_KEY_FILE: ({ privateKeyFile }) => privateKeyFile ?? null,
  DEFAULT_REMOTE_PORT: ({ remotePort }) => remotePort ?? null,
  DEFAULT_REMOTE_USER: ({ remoteUser }) => remoteUser ?? null,
  DEFAULT_ROLES_PATH: ({ rolesPath }) =>
    rolesPath ?? [join(homedir(), '.ansible/roles'), '/usr/share/ansible/roles', '/etc/ansible/roles'],
  DEFAULT_STDOUT_CALLBACK: ({ stdoutCallback }) => stdoutCallback,
  DEFAULT_STRATEGY: ({ strategy }) => strategy ?? 'linear',
  DEFAULT_TEST_PLUGIN_PATH: ({ testPlugins }) => testPlugins,
  DEFAULT_TIMEOUT: ({ timeout }) => timeout ?? 10,
  DEFAULT_TRANSPORT: ({ transport }) => transport ?? 'ssh',
  DEFAULT_VAULT_IDENTITY_LIST: ({ vaultIdentityList }) => vaultIdentityList,
  DEFAULT_VAULT_ID_MATCH: ({ vaultIdMatch }) => vaultIdMatch,
  DEFAULT_VAULT_PASSWORD_FILE: ({ vaultPasswordFile }) => vaultPasswordFile ?? null,
  DEFAULT_VERBOSITY: ({ verbosity }) => verbosity,
  DIFF_ALWAYS: ({ diff }) => diff,
  DISPLAY_SKIPPED_HOSTS: ({ displaySkippedHosts }) => displaySkippedHosts,
  HOST_KEY_CHECKING: ({ hostKeyChecking }) => hostKeyChecking,
  INJECT_FACTS_AS_VARS: ({ injectFacts }) => injectFacts,
  RETRY_FILES_ENABLED: ({ retryFilesEnabled }) => retryFilesEnabled,
  TAGS_RUN: ({ runTags }) => runTags,
  TAGS_SKIP: ({ skipTags }) => skipTags,
  TASK_TIMEOUT: ({ taskTimeout }) => taskTimeout,
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
