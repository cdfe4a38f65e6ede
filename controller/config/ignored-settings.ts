import { cacheOf, callbackNames, callbackOf } from './setting-values.ts';

type Unknown = (value: string) => readonly string[];

const among =
  (known: readonly string[], name: (value: string) => string): Unknown =>
  (value) =>
    value.split(',').flatMap((one) => (one.trim() === '' || known.includes(name(one)) ? [] : one.trim()));

const trimmed = (one: string): string => one.trim();
const builtin = (one: string): string => one.trim().replace(/^ansible\.builtin\./, '');
const lowered = (one: string): string => one.trim().toLowerCase();

const truths = ['true', 'yes', 'on', '1', 't', 'y'];
const falsities = ['false', 'no', 'off', '0', 'f', 'n'];
const inventories = [
  'host_list',
  'script',
  'auto',
  'yaml',
  'ini',
  'toml',
  'constructed',
  'generator',
  'advanced_host_list',
];

/** Settings of Ansible that would change what a run does or prints, and don't here, whatever their values. */
const always = [
  ...['precedence', 'facts_modules', 'vars_plugins', 'callback_plugins', 'connection_plugins'],
  ...[
    'strategy_plugins',
    'inventory_plugins',
    'plugin_filters_cfg',
    'log_filter',
    'log_verbosity',
    'yaml_valid_extensions',
  ],
].map((name): [string, Unknown | undefined] => [`defaults.${name}`, undefined]);

/** Those that do by some values: what of a value is not known here. */
const choices: Readonly<Record<string, Unknown>> = {
  'defaults.stdout_callback': among(['default', 'minimal', 'oneline', 'yaml', 'json'], callbackOf),
  'defaults.callbacks_enabled': among(callbackNames, callbackOf),
  'defaults.fact_caching': among(['memory', 'jsonfile'], cacheOf),
  'defaults.jinja2_extensions': among(['jinja2.ext.do', 'jinja2.ext.loopcontrols'], trimmed),
  'defaults.vars_plugins_enabled': among(['host_group_vars'], builtin),
  'ssh_connection.ssh_executable': among(['ssh', '/usr/bin/ssh'], trimmed),
  'defaults.error_on_undefined_vars': among(truths, lowered),
  'defaults.invalid_task_attribute_failed': among(truths, lowered),
  'defaults.playbook_vars_root': among(['top'], lowered),
  'defaults.verbose_to_stderr': among(falsities, lowered),
  'defaults.enable_task_debugger': among(falsities, lowered),
  'defaults.max_diff_size': among(['104448'], lowered),
  'inventory.enable_plugins': among(inventories, builtin),
};

/** The variables that have other names than their settings. */
const variables: Readonly<Record<string, string>> = {
  fact_caching: 'ANSIBLE_CACHE_PLUGIN',
  enable_plugins: 'ANSIBLE_INVENTORY_ENABLED',
  vars_plugins_enabled: 'ANSIBLE_VARS_ENABLED',
  yaml_valid_extensions: 'ANSIBLE_YAML_FILENAME_EXT',
};

/** What is said, by variables or the file, of settings that nothing here goes by; of choices also which. */
export function ignoredSettings(
  env: NodeJS.ProcessEnv,
  config: ReadonlyMap<string, { readonly value: string }>,
): readonly string[] {
  return [...always, ...Object.entries(choices)].flatMap(([key, unknownIn]) => {
    const name = key.replace(/^\w+\./, '');
    const variable = variables[name] ?? `ANSIBLE_${name.toUpperCase()}`;
    const value = env[variable] ?? config.get(key)?.value;
    if (value === undefined) return [];
    const told = env[variable] === undefined ? name : variable;
    if (unknownIn === undefined) return told;
    const unknown = unknownIn(value);
    return unknown.length === 0 ? [] : `${told} (${unknown.join(', ')})`;
  });
}
