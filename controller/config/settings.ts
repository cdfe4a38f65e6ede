import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { below, ownPlugins, usualHome } from './ansible-home.ts';
import { findConfig, readConfig } from './config-file.ts';
import { ignoredSettings } from './ignored-settings.ts';
import {
  type CallbackName,
  cachePlugin,
  callback,
  callbacks,
  choice,
  flag,
  password,
  path,
  paths,
  patterns,
  type Read,
  type Said,
  type Surroundings,
  tags,
  text,
  whole,
  wording,
  words,
} from './setting-values.ts';

/** One setting: where ansible.cfg and the environment have it, and what it is when nobody says it. */
interface Definition<T> {
  /** `section.key`; of several the first that is there. */
  readonly ini: readonly string[];
  readonly env: readonly string[];
  /** Undefined for a value that says nothing. */
  readonly read: Read<T | undefined>;
  readonly otherwise: T;
}

function define<T>(ini: string, env: string, read: Read<T | undefined>, otherwise: T): Definition<T> {
  return { ini: ini.split(' '), env: env.split(' ').filter(Boolean), read, otherwise };
}

const become = 'privilege_escalation.become';
const sudo = 'sudo_become_plugin';
const ssh = 'ssh_connection';

/** Settings of Ansible that count here, under their own names and variables (`ansible-config list`). */
const definitions = {
  inventory: define('defaults.inventory', 'ANSIBLE_INVENTORY', paths(','), []),
  unparsedFailed: define('inventory.unparsed_is_failed', 'ANSIBLE_INVENTORY_UNPARSED_FAILED', flag, false),
  anyUnparsedFailed: define(
    'inventory.any_unparsed_is_failed',
    'ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED',
    flag,
    false,
  ),
  unparsedWarning: define('inventory.inventory_unparsed_warning', 'ANSIBLE_INVENTORY_UNPARSED_WARNING', flag, true),
  inventoryIgnoredExtensions: define<readonly string[]>(
    'defaults.inventory_ignore_extensions inventory.ignore_extensions',
    'ANSIBLE_INVENTORY_IGNORE',
    words,
    ['.pyc', '.pyo', '.swp', '.bak', '~', '.rpm', '.md', '.txt', '.rst', '.orig', '.cfg', '.retry'],
  ),
  inventoryIgnoredPatterns: define<readonly string[]>(
    'defaults.inventory_ignore_patterns inventory.ignore_patterns',
    'ANSIBLE_INVENTORY_IGNORE_REGEX',
    patterns,
    [],
  ),
  inventoryUseExtraVars: define('inventory_plugins.use_extra_vars', 'ANSIBLE_INVENTORY_USE_EXTRA_VARS', flag, false),
  scriptStderr: define(
    'inventory_plugin_script.always_show_stderr',
    'ANSIBLE_INVENTORY_PLUGIN_SCRIPT_STDERR',
    flag,
    true,
  ),
  inventoryExport: define('inventory.export', 'ANSIBLE_INVENTORY_EXPORT', flag, false),
  deprecationWarnings: define('defaults.deprecation_warnings', 'ANSIBLE_DEPRECATION_WARNINGS', flag, true),
  localhostWarning: define('defaults.localhost_warning', 'ANSIBLE_LOCALHOST_WARNING', flag, true),
  ansibleHome: define('defaults.home', 'ANSIBLE_HOME', path, usualHome),
  rolesPath: define<readonly string[]>('defaults.roles_path', 'ANSIBLE_ROLES_PATH', paths(':'), [
    join(usualHome, 'roles'),
    '/usr/share/ansible/roles',
    '/etc/ansible/roles',
  ]),
  collectionsPath: define<readonly string[]>(
    'defaults.collections_path defaults.collections_paths',
    'ANSIBLE_COLLECTIONS_PATH ANSIBLE_COLLECTIONS_PATHS',
    paths(':'),
    [join(usualHome, 'collections'), '/usr/share/ansible/collections'],
  ),
  collectionsOfPython: define('defaults.collections_scan_sys_path', 'ANSIBLE_COLLECTIONS_SCAN_SYS_PATH', flag, true),
  playbookDir: define('defaults.playbook_dir', 'ANSIBLE_PLAYBOOK_DIR', path, undefined),
  library: define('defaults.library', 'ANSIBLE_LIBRARY', paths(':'), ownPlugins('modules')),
  moduleUtils: define('defaults.module_utils', 'ANSIBLE_MODULE_UTILS', paths(':'), ownPlugins('module_utils')),
  actionPlugins: define('defaults.action_plugins', 'ANSIBLE_ACTION_PLUGINS', paths(':'), ownPlugins('action')),
  filterPlugins: define('defaults.filter_plugins', 'ANSIBLE_FILTER_PLUGINS', paths(':'), ownPlugins('filter')),
  testPlugins: define('defaults.test_plugins', 'ANSIBLE_TEST_PLUGINS', paths(':'), ownPlugins('test')),
  lookupPlugins: define('defaults.lookup_plugins', 'ANSIBLE_LOOKUP_PLUGINS', paths(':'), ownPlugins('lookup')),
  vaultPasswordFile: define('defaults.vault_password_file', 'ANSIBLE_VAULT_PASSWORD_FILE', path, undefined),
  vaultIdentityList: define('defaults.vault_identity_list', 'ANSIBLE_VAULT_IDENTITY_LIST', words, []),
  vaultEncryptIdentity: define('defaults.vault_encrypt_identity', 'ANSIBLE_VAULT_ENCRYPT_IDENTITY', text, undefined),
  vaultIdentity: define('defaults.vault_identity', 'ANSIBLE_VAULT_IDENTITY', text, 'default'),
  vaultEncryptSalt: define('defaults.vault_encrypt_salt', 'ANSIBLE_VAULT_ENCRYPT_SALT', text, undefined),
  vaultIdMatch: define('defaults.vault_id_match', 'ANSIBLE_VAULT_ID_MATCH', flag, false),
  editor: define('defaults.editor', 'ANSIBLE_EDITOR', text, undefined),
  askVaultPass: define('defaults.ask_vault_pass', 'ANSIBLE_ASK_VAULT_PASS', flag, false),
  hostKeyChecking: define(
    `${ssh}.host_key_checking defaults.host_key_checking`,
    'ANSIBLE_SSH_HOST_KEY_CHECKING ANSIBLE_HOST_KEY_CHECKING',
    flag,
    true,
  ),
  remoteUser: define('defaults.remote_user', 'ANSIBLE_REMOTE_USER', text, undefined),
  remotePort: define<number | undefined>('defaults.remote_port', 'ANSIBLE_REMOTE_PORT', whole, undefined),
  privateKeyFile: define('defaults.private_key_file', 'ANSIBLE_PRIVATE_KEY_FILE', path, undefined),
  timeout: define<number | undefined>(
    `defaults.timeout ${ssh}.timeout`,
    'ANSIBLE_TIMEOUT ANSIBLE_SSH_TIMEOUT',
    whole,
    undefined,
  ),
  transport: define('defaults.transport', 'ANSIBLE_TRANSPORT', text, undefined),
  sshArgs: define(`${ssh}.ssh_args`, 'ANSIBLE_SSH_ARGS', text, undefined),
  sshCommonArgs: define(`${ssh}.ssh_common_args`, 'ANSIBLE_SSH_COMMON_ARGS', text, undefined),
  sshExtraArgs: define(`${ssh}.ssh_extra_args`, 'ANSIBLE_SSH_EXTRA_ARGS', text, undefined),
  askPass: define('defaults.ask_pass', 'ANSIBLE_ASK_PASS', flag, false),
  connectionPasswordFile: define(
    'defaults.connection_password_file',
    'ANSIBLE_CONNECTION_PASSWORD_FILE',
    path,
    undefined,
  ),
  become: define(become, 'ANSIBLE_BECOME', flag, false),
  becomeUser: define(`${sudo}.user ${become}_user`, 'ANSIBLE_SUDO_USER ANSIBLE_BECOME_USER', text, undefined),
  becomeAskPass: define(`${become}_ask_pass`, 'ANSIBLE_BECOME_ASK_PASS', flag, false),
  becomePasswordFile: define('defaults.become_password_file', 'ANSIBLE_BECOME_PASSWORD_FILE', path, undefined),
  becomePassword: define(`${sudo}.password`, 'ANSIBLE_SUDO_PASS ANSIBLE_BECOME_PASS', password, undefined),
  interpreterPython: define('defaults.interpreter_python', 'ANSIBLE_PYTHON_INTERPRETER', text, undefined),
  ansibleManaged: define('defaults.ansible_managed', 'ANSIBLE_MANAGED', wording, 'Ansible managed'),
  executable: define('defaults.executable', 'ANSIBLE_EXECUTABLE', text, undefined),
  logPath: define('defaults.log_path', 'ANSIBLE_LOG_PATH', path, undefined),
  noLog: define('defaults.no_log', 'ANSIBLE_NO_LOG', flag, false),
  taskTimeout: define('defaults.task_timeout', 'ANSIBLE_TASK_TIMEOUT', whole, 0),
  injectFacts: define('defaults.inject_facts_as_vars', 'ANSIBLE_INJECT_FACT_VARS', flag, true),
  privateRoleVars: define<boolean | undefined>(
    'defaults.private_role_vars',
    'ANSIBLE_PRIVATE_ROLE_VARS',
    flag,
    undefined,
  ),
  hostPatternMismatch: define(
    'inventory.host_pattern_mismatch',
    'ANSIBLE_HOST_PATTERN_MISMATCH',
    choice('warning', 'error', 'ignore'),
    'warning',
  ),
  duplicateKeys: define(
    'defaults.duplicate_dict_key',
    'ANSIBLE_DUPLICATE_YAML_DICT_KEY',
    choice('warn', 'error', 'ignore'),
    'warn',
  ),
  groupCharacters: define(
    'defaults.force_valid_group_names',
    'ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS',
    choice('always', 'never', 'ignore', 'silently'),
    'never',
  ),
  gathering: define('defaults.gathering', 'ANSIBLE_GATHERING', choice('implicit', 'explicit', 'smart'), 'implicit'),
  strategy: define('defaults.strategy', 'ANSIBLE_STRATEGY', text, undefined),
  anyErrorsFatal: define('defaults.any_errors_fatal', 'ANSIBLE_ANY_ERRORS_FATAL', flag, false),
  brokenConditionals: define('defaults.allow_broken_conditionals', 'ANSIBLE_ALLOW_BROKEN_CONDITIONALS', flag, false),
  hashBehaviour: define('defaults.hash_behaviour', 'ANSIBLE_HASH_BEHAVIOUR', choice('replace', 'merge'), 'replace'),
  forceHandlers: define('defaults.force_handlers', 'ANSIBLE_FORCE_HANDLERS', flag, false),
  errorOnMissingHandler: define('defaults.error_on_missing_handler', 'ANSIBLE_ERROR_ON_MISSING_HANDLER', flag, true),
  diff: define('diff.always', 'ANSIBLE_DIFF_ALWAYS', flag, false),
  diffContext: define('diff.context', 'ANSIBLE_DIFF_CONTEXT', whole, 3),
  verbosity: define('defaults.verbosity', 'ANSIBLE_VERBOSITY', whole, 0),
  runTags: define('tags.run', 'ANSIBLE_RUN_TAGS', tags, []),
  skipTags: define('tags.skip', 'ANSIBLE_SKIP_TAGS', tags, []),
  noColor: define('defaults.nocolor', 'ANSIBLE_NOCOLOR', flag, false),
  forceColor: define('defaults.force_color', 'ANSIBLE_FORCE_COLOR', flag, false),
  displaySkippedHosts: define('defaults.display_skipped_hosts', 'ANSIBLE_DISPLAY_SKIPPED_HOSTS', flag, true),
  displayOkHosts: define('defaults.display_ok_hosts', 'ANSIBLE_DISPLAY_OK_HOSTS', flag, true),
  displayFailedStderr: define('defaults.display_failed_stderr', 'ANSIBLE_DISPLAY_FAILED_STDERR', flag, false),
  displayArgs: define('defaults.display_args_to_stdout', 'ANSIBLE_DISPLAY_ARGS_TO_STDOUT', flag, false),
  checkModeMarkers: define('defaults.check_mode_markers', 'ANSIBLE_CHECK_MODE_MARKERS', flag, false),
  showHostStart: define('defaults.show_per_host_start', 'ANSIBLE_SHOW_PER_HOST_START', flag, false),
  showTaskPath: define('defaults.show_task_path_on_failure', 'ANSIBLE_SHOW_TASK_PATH_ON_FAILURE', flag, false),
  resultFormat: define(
    'defaults.callback_result_format',
    'ANSIBLE_CALLBACK_RESULT_FORMAT',
    choice('json', 'yaml'),
    'json',
  ),
  prettyResults: define<boolean | undefined>(
    'defaults.callback_format_pretty',
    'ANSIBLE_CALLBACK_FORMAT_PRETTY',
    flag,
    undefined,
  ),
  stdoutCallback: define('defaults.stdout_callback', 'ANSIBLE_STDOUT_CALLBACK', callback, 'default'),
  callbacksEnabled: define<readonly CallbackName[]>(
    'defaults.callbacks_enabled',
    'ANSIBLE_CALLBACKS_ENABLED',
    callbacks,
    [],
  ),
  // Whether callbacks count for `orch do`, too.
  loadCallbacks: define('defaults.bin_ansible_callbacks', 'ANSIBLE_LOAD_CALLBACK_PLUGINS', flag, false),
  treeDirectory: define('callback_tree.directory', 'ANSIBLE_CALLBACK_TREE_DIR', path, join(usualHome, 'tree')),
  profileLimit: define('callback_profile_tasks.task_output_limit', 'PROFILE_TASKS_TASK_OUTPUT_LIMIT', whole, 20),
  profileOrder: define(
    'callback_profile_tasks.sort_order',
    'PROFILE_TASKS_SORT_ORDER',
    choice('descending', 'ascending', 'none'),
    'descending',
  ),
  junitOutputDir: define('', 'JUNIT_OUTPUT_DIR', path, join(homedir(), '.ansible.log')),
  junitTaskClass: define('', 'JUNIT_TASK_CLASS', flag, false),
  junitRelativePath: define('', 'JUNIT_TASK_RELATIVE_PATH', path, undefined),
  junitOutOfTree: define('', 'JUNIT_REPLACE_OUT_OF_TREE_PATH', text, undefined),
  junitFailOnChange: define('', 'JUNIT_FAIL_ON_CHANGE', flag, false),
  junitFailOnIgnore: define('', 'JUNIT_FAIL_ON_IGNORE', flag, false),
  junitIncludeSetup: define('', 'JUNIT_INCLUDE_SETUP_TASKS_IN_REPORT', flag, true),
  junitPrefix: define('', 'JUNIT_TEST_CASE_PREFIX', wording, ''),
  showCustomStats: define('defaults.show_custom_stats', 'ANSIBLE_SHOW_CUSTOM_STATS', flag, false),
  retryFilesEnabled: define('defaults.retry_files_enabled', 'ANSIBLE_RETRY_FILES_ENABLED', flag, false),
  retryFilesSavePath: define('defaults.retry_files_save_path', 'ANSIBLE_RETRY_FILES_SAVE_PATH', path, undefined),
  factCaching: define('defaults.fact_caching', 'ANSIBLE_CACHE_PLUGIN', cachePlugin, 'memory'),
  factCachingConnection: define('defaults.fact_caching_connection', 'ANSIBLE_CACHE_PLUGIN_CONNECTION', path, undefined),
  factCachingPrefix: define('defaults.fact_caching_prefix', 'ANSIBLE_CACHE_PLUGIN_PREFIX', text, undefined),
  factCachingTimeout: define('defaults.fact_caching_timeout', 'ANSIBLE_CACHE_PLUGIN_TIMEOUT', whole, 86_400),
  moduleName: define('defaults.module_name', '', wording, 'command'),
  moduleArgs: define('defaults.module_args', 'ANSIBLE_MODULE_ARGS', wording, ''),
  pollInterval: define('defaults.poll_interval', 'ANSIBLE_POLL_INTERVAL', whole, 15),
  forks: define<number | undefined>('defaults.forks', 'ANSIBLE_FORKS', whole, undefined),
} as const;

/** The settings of ansible.cfg and its environment variables. */
export type Settings = { readonly [K in keyof typeof definitions]: (typeof definitions)[K]['otherwise'] } & {
  /** The file that was read. */
  readonly file: string | undefined;
  /** The file that counts for nothing, since all could have written it. */
  readonly distrusted: string | undefined;
  /** Settings of that file, and variables of the environment, that change nothing here, though they would there. */
  readonly ignored: readonly string[];
  /** What says a setting, in Ansible's words: a variable of the environment (`env: NAME`) or the file. */
  readonly origins: ReadonlyMap<string, string>;
};

/** Reads the settings anew. Throws OrchError for a value that can't be. */
export function readSettings(around: Surroundings): Settings {
  const { env, cwd } = around;
  const { file, distrusted } = findConfig(around);
  const config = readConfig(file);
  const said = (wanted: Pick<Definition<unknown>, 'ini' | 'env'>): Said | undefined => {
    for (const name of wanted.env) {
      const value = env[name];
      if (value !== undefined) return { value, where: undefined, name, folder: cwd, around };
    }
    for (const name of wanted.ini) {
      const found = config.get(name);
      if (!found || file === undefined) continue;
      const where = { file, line: found.line, column: found.column };
      return { value: found.value, where, name: name.replace(/^\w+\./, ''), folder: dirname(file), around };
    }
    return undefined;
  };
  const origins = new Map<string, string>();
  const saidHome = said(definitions.ansibleHome);
  const home = (saidHome && path(saidHome)) ?? usualHome;
  const entries = Object.entries(definitions).map(([name, definition]) => {
    const found = said(definition);
    const value = found && definition.read(found);
    if (found && value !== undefined) origins.set(name, found.where?.file ?? `env: ${found.name}`);
    return [name, value ?? below(home, definition.otherwise)] as const;
  });
  const read = Object.fromEntries(entries) as Omit<Settings, 'file' | 'distrusted' | 'ignored' | 'origins'>;
  const ignored = [...ignoredSettings(env, config)];
  if (read.factCaching === 'jsonfile' && read.factCachingConnection === undefined)
    ignored.push('fact_caching (there is no fact_caching_connection)');
  return { ...read, file, distrusted, ignored, origins };
}

let known: Settings | undefined;

/** Puts folders of the command line before those where modules are looked for. */
export function addLibrary(folders: readonly string[]): void {
  const said = settings();
  known = { ...said, library: [...folders, ...said.library] };
}

/** The settings of this process, read once. Throws as `readSettings`. */
export function settings(): Settings {
  known ??= readSettings({ env: process.env, cwd: process.cwd(), home: homedir() });
  return known;
}
