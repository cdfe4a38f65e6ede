const common = [
  'name',
  'when',
  'tags',
  'vars',
  'become',
  'become_user',
  'become_method',
  'become_exe',
  'become_flags',
  'connection',
  'remote_user',
  'environment',
  'no_log',
  'ignore_errors',
  'ignore_unreachable',
  'delegate_to',
  'delegate_facts',
  'run_once',
  'any_errors_fatal',
  'throttle',
  'notify',
  'timeout',
  'module_defaults',
  'collections',
  'check_mode',
  'diff',
  'debugger',
];
/** Loops over what a lookup answers. */
export const loopKeywords: ReadonlySet<string> = new Set(
  [
    ...['items', 'list', 'flattened', 'dict', 'nested', 'cartesian', 'together', 'sequence', 'subelements'],
    ...['indexed_items', 'random_choice', 'file', 'fileglob', 'first_found', 'lines', 'env', 'inventory_hostnames'],
    ...['pipe', 'vars', 'varnames', 'ini', 'csvfile', 'template', 'password', 'url', 'unvault', 'filetree'],
    ...['merge_variables', 'random_string', 'config'],
  ].map((name) => `with_${name}`),
);
const looping = ['loop', ...loopKeywords, 'loop_control'];

/** The keywords of each part of a playbook. */
export const keywords = {
  play: new Set([
    ...[
      'name',
      'hosts',
      'lab',
      'vars',
      'vars_files',
      'vars_prompt',
      'pre_tasks',
      'roles',
      'tasks',
      'post_tasks',
      'handlers',
      'tags',
      'serial',
      'strategy',
    ],
    ...['become', 'become_user', 'become_method', 'become_exe', 'become_flags', 'connection', 'remote_user', 'port'],
    ...['gather_facts', 'gather_subset', 'gather_timeout', 'fact_path', 'environment', 'any_errors_fatal', 'persist'],
    ...[
      'max_fail_percentage',
      'force_handlers',
      'order',
      'module_defaults',
      'collections',
      'check_mode',
      'diff',
      'no_log',
    ],
    ...['ignore_errors', 'ignore_unreachable', 'run_once', 'throttle', 'timeout', 'user', 'debugger'],
  ]),
  /** But for `tags`, `vars` and `when` none is heeded, as in Ansible. */
  importPlaybook: new Set([
    ...['import_playbook', 'port'],
    ...common.filter((name) => !['delegate_to', 'delegate_facts', 'notify', 'collections'].includes(name)),
  ]),
  block: new Set([...common, 'block', 'rescue', 'always']),
  task: new Set([
    ...common,
    ...looping,
    ...[
      'action',
      'local_action',
      'args',
      'register',
      'listen',
      'changed_when',
      'failed_when',
      'until',
      'retries',
      'delay',
      'async',
      'poll',
    ],
  ]),
  /** Others are for the tasks that it brings: they stand in `apply`. */
  include: new Set([
    ...['name', 'vars', 'when', 'tags', 'ignore_errors', 'no_log', 'run_once', 'timeout', 'collections', 'debugger'],
    ...[...looping, 'register', 'listen', 'args'],
  ]),
  /** What only tasks heed is taken, and heeded by none, as in Ansible. */
  import: new Set([
    ...common,
    ...[...looping, 'register', 'listen', 'args'],
    ...['changed_when', 'failed_when', 'until', 'retries', 'delay', 'async', 'poll'],
  ]),
  /** Of `apply`. */
  apply: new Set(common),
  /** Of a role in `roles` or `dependencies`; what else it has is a variable. */
  role: new Set([...common.filter((name) => name !== 'notify'), 'role', 'src', 'version', 'scm', 'port']),
  loopControl: new Set(['loop_var', 'index_var', 'label', 'pause', 'extended', 'extended_allitems', 'break_when']),
} as const;

/** Keywords that Ansible has and orch has not, with what to use instead. */
export const foreignKeywords: ReadonlyMap<string, string> = new Map([
  ['sudo', 'write "become"'],
  ['sudo_user', 'write "become_user"'],
  ['su', 'write "become"'],
  ['su_user', 'write "become_user"'],
  ['port', 'a host is reached once for all its tasks: set the variable ansible_port, or port of the play'],
]);
