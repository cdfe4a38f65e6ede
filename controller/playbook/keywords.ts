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
  'environment',
  'no_log',
  'ignore_errors',
  'delegate_to',
  'run_once',
  'check_mode',
  'diff',
];
const looping = ['loop', 'with_items', 'loop_control'];

/** The keywords of each part of a playbook. */
export const keywords = {
  play: new Set([
    ...[
      'name',
      'hosts',
      'lab',
      'vars',
      'vars_files',
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
    ...['gather_facts', 'environment', 'any_errors_fatal', 'persist'],
  ]),
  importPlaybook: new Set(['import_playbook', 'name', 'tags', 'vars', 'when']),
  block: new Set([...common, 'block', 'rescue', 'always']),
  task: new Set([
    ...common,
    ...looping,
    ...['args', 'register', 'notify', 'listen', 'changed_when', 'failed_when', 'until', 'retries', 'delay', 'timeout'],
  ]),
  include: new Set([...common, ...looping, 'register', 'notify', 'args']),
  /** Of `apply`. */
  apply: new Set(common),
  /** Of a role in `roles` or `dependencies`; what else it has is a variable. */
  role: new Set([...common, 'role', 'src', 'version', 'scm', 'collections', 'delegate_facts', 'port', 'remote_user']),
  loopControl: new Set(['loop_var', 'index_var', 'label', 'pause']),
} as const;

/** Keywords that Ansible has and orch has not, with what to use instead ('' when there is nothing). */
export const foreignKeywords: ReadonlyMap<string, string> = new Map([
  ...[
    'vars_prompt',
    'max_fail_percentage',
    'module_defaults',
    'collections',
    'remote_user',
    'port',
    'force_handlers',
    'fact_path',
    'gather_subset',
    'gather_timeout',
    'order',
    'throttle',
    'debugger',
    'ignore_unreachable',
    'delegate_facts',
    'local_action',
    'action',
    'async',
    'poll',
  ].map((name) => [name, ''] as const),
  ['remote_user', 'set the variable ansible_user'],
  ['port', 'set the variable ansible_port'],
  ['local_action', 'use "delegate_to: localhost"'],
  ['action', 'write the name of the module as the key'],
  ...['dict', 'list', 'flattened', 'sequence', 'together', 'nested', 'fileglob', 'file', 'lines', 'subelements'].map(
    (name) => [`with_${name}`, 'use "loop" with a template'] as const,
  ),
]);
