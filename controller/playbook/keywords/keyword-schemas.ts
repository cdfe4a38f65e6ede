import { hostOrders } from '../types.ts';
import { loopKeywords } from './keywords.ts';

/** JSON Schema fragments of what keywords take. `$ref`s lead into the definitions of json-schema.ts. */
type Schema = Readonly<Record<string, unknown>>;

const ref = (name: string): Schema => ({ $ref: `#/definitions/${name}` });
const described = (schema: Schema, description: string): Schema => ({ allOf: [schema], description });

const text = ref('text');
const texts = ref('texts');
const flag = ref('flag');
const number = ref('number');
const percentage: Schema = { anyOf: [number, { type: 'string', pattern: '^\\s*\\d+(\\.\\d+)?\\s*%$' }] };
const expressions = ref('expressions');
const entries: Schema = { type: ['array', 'null'], items: ref('entry') };
const vars: Schema = { type: ['object', 'null'], propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_]*$' } };

/** What stands for true and false where YAML itself makes neither of it. */
const flagText = '^([Yy](es)?|[Nn]o?|[Oo](n|ff)|[Tt](rue)?|[Ff](alse)?|[01]|YES|NO|ON|OFF|TRUE|FALSE)$';

/** What shapes the definitions that the fragments use. */
export const valueShapes: Readonly<Record<string, Schema>> = {
  template: { anyOf: [{ type: 'string', pattern: '\\{[{%]' }, { type: 'null' }] },
  'instead-of-text': { anyOf: [{ type: ['number', 'boolean'] }, ref('template')] },
  'instead-of-flag': { anyOf: [{ enum: [0, 1] }, { type: 'string', pattern: flagText }, ref('template')] },
  'instead-of-number': { anyOf: [{ type: 'string', pattern: '^\\s*[-+]?\\d+(\\.\\d+)?\\s*$' }, ref('template')] },
  'instead-of-list': { type: ['string', 'number', 'boolean', 'null'] },
  'instead-of-mapping': { anyOf: [{ type: 'string', pattern: '[={]' }, { type: 'null' }] },
  text: { type: ['string', 'number', 'null'] },
  texts: { anyOf: [text, { type: 'array', items: text }] },
  flag: { anyOf: [{ type: 'boolean' }, ref('instead-of-flag')] },
  number: { anyOf: [{ type: 'number', minimum: 0 }, ref('instead-of-number')] },
  role: {
    anyOf: [text, { type: 'object', anyOf: [{ required: ['role'] }, { required: ['name'] }, { required: ['src'] }] }],
  },
  expressions: {
    anyOf: [
      { type: ['string', 'number', 'boolean', 'null'] },
      { type: 'array', items: { type: ['string', 'number', 'boolean'] } },
    ],
  },
};

/** Keywords of plays and of what stands in them alike: as whom, and how, hosts are worked on. */
const asWhom: Readonly<Record<string, Schema>> = {
  become: described(flag, 'Act as another user (root if become_user names none).'),
  become_user: described(text, 'The user to act as.'),
  become_method: described(text, 'Accepted as in Ansible: the agent is root, and becomes others by itself.'),
  become_exe: described(text, 'Accepted, as become_method.'),
  become_flags: described(text, 'Accepted, as become_method.'),
  connection: described(text, 'How hosts are reached: ssh, or local for the workstation itself.'),
};

/** Every keyword of tasks, blocks and includes. */
export const entryKeywords: Readonly<Record<string, Schema>> = {
  name: described(text, 'What it is called in the output.'),
  when: described(expressions, 'Run only where these expressions hold.'),
  tags: described(texts, 'Words for --tags and --skip-tags.'),
  vars: { ...vars, description: 'Variables for this entry.' },
  ...asWhom,
  remote_user: described(text, 'Who it acts as without become, unless ansible_user says it.'),
  environment: { description: 'Environment variables of commands.' },
  no_log: described(flag, 'Keep values out of output and reports.'),
  ignore_errors: described(flag, 'Go on after a failure.'),
  ignore_unreachable: described(flag, 'Go on with the next task on a host that could not be reached.'),
  delegate_to: described(text, 'Run on this host instead.'),
  run_once: described(flag, 'Run on the first host only, with the result for all.'),
  delegate_facts: described(flag, 'Facts are those of the host that the task is delegated to.'),
  any_errors_fatal: described(flag, 'A failure on one host ends the play for all.'),
  throttle: described(number, 'How many hosts may do it at the same time.'),
  debugger: { enum: ['never', null], description: 'There is none.' },
  module_defaults: { description: 'Parameters of modules, unless a task says others.' },
  collections: described(texts, 'Collections whose modules and roles need not be named with them.'),
  check_mode: described(flag, 'Only say what would change.'),
  diff: described(flag, 'Show what changes.'),
  loop: { anyOf: [{ type: 'array' }, ref('template')], description: 'Run once for each item of this list.' },
  ...Object.fromEntries(
    [...loopKeywords].map((name) => [name, { description: `As loop, over the lookup ${name.slice(5)}.` }]),
  ),
  loop_control: {
    type: 'object',
    additionalProperties: false,
    properties: {
      loop_var: text,
      index_var: text,
      label: {},
      pause: number,
      extended: flag,
      extended_allitems: flag,
      break_when: expressions,
    },
    description: 'Names of the loop variables, the label shown, seconds between items.',
  },
  action: { description: 'The module, and its parameters.' },
  local_action: { description: 'As action, on the workstation.' },
  args: { anyOf: [{ type: ['object', 'null'] }, ref('template')], description: 'More parameters of the module.' },
  register: { type: 'string', description: 'Variable that takes the result.' },
  notify: described(texts, 'Handlers to run at the end when this task, or one in this block, changed something.'),
  listen: described(texts, 'Handlers only: topics that notify them.'),
  changed_when: described(expressions, 'When the task counts as changed.'),
  failed_when: described(expressions, 'When the task counts as failed.'),
  until: described(expressions, 'Try again until these expressions hold.'),
  retries: described(number, 'How many more times to try (with until).'),
  delay: described(number, 'Seconds between tries.'),
  timeout: described(number, 'Seconds that the task may take.'),
  async: described(number, 'Seconds that it may take as a job; with poll: 0 nobody waits for it.'),
  poll: described(number, 'With async: seconds between two looks at it; 0: go on at once.'),
  block: { ...entries, description: 'Entries that belong together.' },
  rescue: { ...entries, description: 'What to run when the block failed.' },
  always: { ...entries, description: 'What to run in any case.' },
};

/** Every keyword of plays. */
export const playKeywords: Readonly<Record<string, Schema>> = {
  name: described(text, 'What the play is called in the output.'),
  hosts: described(texts, 'Pattern of the hosts it runs on.'),
  lab: described(text, 'Name of the lab that owns what is made; the file name when absent.'),
  vars: { ...vars, description: 'Variables of the play.' },
  vars_files: {
    anyOf: [texts, { type: 'array', items: texts }],
    description: 'Files of variables; of a list in the list the first that is there.',
  },
  vars_prompt: {
    type: ['array', 'null'],
    items: { type: 'object' },
    description: 'Variables that people are asked for.',
  },
  tasks: { ...entries, description: 'What to do.' },
  pre_tasks: { ...entries, description: 'What to do before roles; handlers that it notifies run behind it.' },
  roles: { type: ['array', 'null'], items: ref('role'), description: 'Roles to run before the tasks.' },
  post_tasks: { ...entries, description: 'What to do when the handlers of tasks have run.' },
  handlers: { ...entries, description: 'What to do when notified.' },
  tags: described(texts, 'Words for --tags and --skip-tags; every task inherits them.'),
  serial: { type: ['integer', 'string', 'array'], description: 'Batches of hosts: numbers or percentages.' },
  strategy: {
    anyOf: [{ enum: ['free', 'linear', 'host_pinned'] }, ref('template')],
    description:
      'How hosts go on. free: each at its own pace. linear: task by task. host_pinned: as free, but with --forks hosts end the play before others begin.',
  },
  ...asWhom,
  remote_user: described(text, 'User to log in as.'),
  port: described(number, 'Port of sshd.'),
  gather_facts: described(flag, 'Read facts before the first task.'),
  environment: { description: 'Environment variables of commands.' },
  any_errors_fatal: described(flag, 'A failure on one host ends the play for all.'),
  max_fail_percentage: described(percentage, 'When more hosts of a batch have failed, the play ends for all.'),
  debugger: { enum: ['never', null], description: 'There is none.' },
  force_handlers: described(flag, 'Run notified handlers on failed hosts, too.'),
  order: { anyOf: [{ enum: [...hostOrders] }, ref('template')], description: 'Order of the hosts.' },
  gather_subset: described(texts, 'Which facts are read, as the parameter of setup.'),
  gather_timeout: described(number, 'Accepted as in Ansible.'),
  throttle: described(number, 'How many hosts may do a task at the same time.'),
  user: described(text, 'The older word for remote_user.'),
  timeout: described(number, 'Seconds that a task may take.'),
  fact_path: described(text, 'Accepted as in Ansible.'),
  module_defaults: { description: 'Parameters of modules, unless a task says others.' },
  collections: described(texts, 'Collections whose modules and roles need not be named with them.'),
  check_mode: described(flag, 'Only say what would change.'),
  diff: described(flag, 'Show what changes.'),
  no_log: described(flag, 'Keep values out of output and reports.'),
  ignore_errors: described(flag, 'Go on after a failure.'),
  ignore_unreachable: described(flag, 'Go on with the next task on a host that could not be reached.'),
  run_once: described(flag, 'Run on the first host only, with the result for all.'),
  persist: described(flag, 'Hosts bring back what it makes whenever they are started.'),
};

const applied: Schema = { type: 'object', additionalProperties: true };

const file = (description: string): Schema => ({
  description,
  anyOf: [
    { type: ['string', 'null'] },
    {
      type: 'object',
      required: ['file'],
      additionalProperties: false,
      properties: { file: { type: 'string' }, apply: applied },
    },
  ],
});

const role = (description: string): Schema => ({
  description,
  anyOf: [
    { type: ['string', 'null'] },
    {
      type: 'object',
      additionalProperties: false,
      properties: {
        ...Object.fromEntries(
          ['name', 'role', 'tasks_from', 'vars_from', 'defaults_from', 'handlers_from'].map((name) => [name, texts]),
        ),
        ...{ public: {}, allow_duplicates: {}, rolespec_validate: {}, apply: applied },
      },
    },
  ],
});

/** Keys of entries whose tasks stand in a file or role. */
export const includeKeywords: Readonly<Record<string, Schema>> = {
  include_tasks: file(
    'Tasks of a file, read when it is their turn: the name may be a template, and the include may loop.',
  ),
  import_tasks: file('Tasks of a file, read before the run; when, tags, ... count for each of them.'),
  include_role: role('A role, read when it is its turn.'),
  import_role: role('A role, read before the run; when, tags, ... count for each of its tasks.'),
};

/** `import_playbook`, which stands in place of a play. */
export const importKeyword: Schema = { type: 'string', description: 'The plays of another playbook.' };
