import { type Settings, settings } from '../../config/settings.ts';
import type { Lookup, Scope } from '../../template/types.ts';
import { defaultForks } from '../../vars/magic.ts';
import { optionsOfPlugins, type PluginOption } from './plugin-options.ts';
import { isYes, lookupError } from './terms.ts';

type Known = readonly [setting: keyof Settings | undefined, otherwise: unknown];

/** What Ansible colours, whose settings change nothing here. */
const colours = {
  ...{ CHANGED: 'yellow', CONSOLE_PROMPT: 'white', DEBUG: 'dark gray', DEPRECATE: 'purple', ERROR: 'red' },
  ...{ DIFF_ADD: 'green', DIFF_LINES: 'cyan', DIFF_REMOVE: 'red', HIGHLIGHT: 'white', INCLUDED: 'cyan', OK: 'green' },
  ...{ SKIP: 'cyan', UNREACHABLE: 'bright red', VERBOSE: 'blue', WARN: 'bright purple' },
};

/** Settings by Ansible's names, with its defaults where ours say nothing. */
const known: Readonly<Record<string, Known>> = {
  ...Object.fromEntries(Object.entries(colours).map(([name, colour]) => [`COLOR_${name}`, [undefined, colour]])),
  ANY_ERRORS_FATAL: ['anyErrorsFatal', null],
  CACHE_PLUGIN: ['factCaching', null],
  CACHE_PLUGIN_CONNECTION: ['factCachingConnection', null],
  CACHE_PLUGIN_TIMEOUT: ['factCachingTimeout', null],
  COLLECTIONS_PATHS: ['collectionsPath', null],
  DEFAULT_ASK_VAULT_PASS: ['askVaultPass', null],
  DEFAULT_BECOME: ['become', null],
  DEFAULT_BECOME_METHOD: [undefined, 'sudo'],
  DEFAULT_BECOME_USER: ['becomeUser', 'root'],
  DEFAULT_FORCE_HANDLERS: ['forceHandlers', null],
  DEFAULT_FILTER_PLUGIN_PATH: ['filterPlugins', null],
  ANSIBLE_HOME: ['ansibleHome', null],
  DEFAULT_FORKS: ['forks', defaultForks],
  DEFAULT_GATHERING: ['gathering', 'implicit'],
  DEFAULT_HASH_BEHAVIOUR: ['hashBehaviour', null],
  DEFAULT_HOST_LIST: ['inventory', ['/etc/ansible/hosts']],
  DEFAULT_LOAD_CALLBACK_PLUGINS: ['loadCallbacks', null],
  DEFAULT_LOG_PATH: ['logPath', null],
  DEFAULT_LOOKUP_PLUGIN_PATH: ['lookupPlugins', null],
  DEFAULT_MANAGED_STR: ['ansibleManaged', null],
  DEFAULT_MODULE_ARGS: ['moduleArgs', null],
  DEFAULT_MODULE_NAME: ['moduleName', null],
  DEFAULT_MODULE_PATH: ['library', null],
  DEFAULT_MODULE_UTILS_PATH: ['moduleUtils', null],
  DEFAULT_NO_LOG: ['noLog', null],
  DEFAULT_POLL_INTERVAL: ['pollInterval', null],
  DEFAULT_PRIVATE_KEY_FILE: ['privateKeyFile', null],
  DEFAULT_REMOTE_PORT: ['remotePort', null],
  DEFAULT_REMOTE_USER: ['remoteUser', null],
  DEFAULT_ROLES_PATH: ['rolesPath', null],
  DEFAULT_STDOUT_CALLBACK: ['stdoutCallback', null],
  DEFAULT_STRATEGY: ['strategy', 'linear'],
  DEFAULT_TEST_PLUGIN_PATH: ['testPlugins', null],
  DEFAULT_TIMEOUT: ['timeout', 10],
  DEFAULT_TRANSPORT: ['transport', 'ssh'],
  DEFAULT_VAULT_IDENTITY_LIST: ['vaultIdentityList', null],
  DEFAULT_VAULT_ID_MATCH: ['vaultIdMatch', null],
  DEFAULT_VAULT_PASSWORD_FILE: ['vaultPasswordFile', null],
  DEFAULT_VERBOSITY: ['verbosity', null],
  DIFF_ALWAYS: ['diff', null],
  DISPLAY_SKIPPED_HOSTS: ['displaySkippedHosts', null],
  HOST_KEY_CHECKING: ['hostKeyChecking', null],
  INJECT_FACTS_AS_VARS: ['injectFacts', null],
  RETRY_FILES_ENABLED: ['retryFilesEnabled', null],
  RETRY_FILES_SAVE_PATH: ['retryFilesSavePath', null],
  TAGS_RUN: ['runTags', null],
  TAGS_SKIP: ['skipTags', null],
  TASK_TIMEOUT: ['taskTimeout', null],
};

/** A value, and what says it. */
type Told = readonly [value: unknown, origin: string];

function settingOf([setting, otherwise]: Known): Told {
  if (setting === undefined) return [otherwise, 'default'];
  const { [setting]: value, origins } = settings();
  const isNothing = value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
  return [isNothing && otherwise !== null ? otherwise : (value ?? null), origins.get(setting) ?? 'default'];
}

/** Of several variables the last counts, as in Ansible. */
function optionOf({ variables, setting, otherwise }: PluginOption, scope: Scope): Told {
  const name = variables.findLast((each) => scope.has(each));
  return name === undefined ? settingOf([setting, otherwise]) : [scope.get(name), `var: ${name}`];
}

/** What asks for one name; undefined where there is no such setting, or option of the plugin. */
function reader(type: unknown, plugin: unknown): (name: string, scope: Scope) => Told | undefined {
  if ((type === undefined) !== (plugin === undefined))
    throw lookupError('config', 'Both plugin_type and plugin_name are required, cannot use one without the other.');
  if (plugin === undefined) return (name) => (Object.hasOwn(known, name) ? settingOf(known[name] as Known) : undefined);
  const options = optionsOfPlugins.get(`${String(type)} ${String(plugin).replace('ansible.builtin.', '')}`);
  if (!options) throw lookupError('config', `Unable to load ${String(type)} plugin '${String(plugin)}'.`);
  return (name, scope) => (Object.hasOwn(options, name) ? optionOf(options[name] as PluginOption, scope) : undefined);
}

/** `lookup('config', NAME, ...)`: settings of ansible.cfg and the environment, and options of plugins that say how hosts are reached. */
export const configLookup: Lookup = (names, options, { scope }) => {
  const { on_missing: missing = 'error', plugin_name: plugin, plugin_type: type, show_origin: origin } = options;
  const read = reader(type, plugin);
  return names.flatMap((name) => {
    const told = read(String(name), scope);
    if (told) return [isYes(origin) ? told : told[0]];
    if (missing === 'skip' || missing === 'warn') return [];
    const hint = 'say on_missing="skip" where it may be missing';
    throw lookupError('config', `No config definition exists for '${String(name)}'.`, hint);
  });
};
