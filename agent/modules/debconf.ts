import * as z from 'zod';
import type { Action } from '../linux/action.ts';
import { defineModule } from './module.ts';
import { answerOf, ask, execAction } from './shared/programs.ts';

const types = [
  ...(['boolean', 'error', 'multiselect', 'note', 'password', 'seen', 'select', 'string', 'text', 'title'] as const),
] as const;

const text = z.string().regex(/^[^\n\r\0]*$/, 'holds a newline');

const fields = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9+.-]*$/, 'is no name of a package')
    .describe('The package.'),
  question: z
    .string()
    .regex(/^[^\s\0]+$/, 'is no name of a question')
    .optional()
    .describe('The question; without one the task only tells the answers that are there.'),
  vtype: z.enum(types).optional().describe('Type of the question; seen: it is about whether the question was asked.'),
  value: z
    .union([text, z.number(), z.boolean(), z.array(text)])
    .meta({ writeOnly: true })
    .optional()
    .describe('The answer; several ones of a multiselect as a list.'),
  unseen: z.boolean().default(false).describe('Leave it a question that was not asked yet.'),
});
type Params = z.infer<typeof fields>;

interface Answer {
  readonly value: string;
  readonly seen: boolean;
}

interface Current {
  /** Answers to the package's questions. */
  readonly answers: ReadonlyMap<string, Answer>;
  /** The one that is asked for, where there is one: also a password, which `answers` do not tell. */
  readonly present: Answer | undefined;
}

/** Lines of debconf-show(1): "* question: value", with a star for what was asked. */
function parseAnswers(shown: string): ReadonlyMap<string, Answer> {
  const found = shown.split('\n').flatMap((line) => {
    const [, star, question, value = ''] = /^([* ]) ([^:\s]+): ?(.*)$/.exec(line) ?? [];
    return question === undefined ? [] : [[question, { value: value.trim(), seen: star === '*' }] as const];
  });
  return new Map(found);
}

function items(value: string): string {
  return value
    .split(',')
    .map((item) => item.trim())
    .toSorted()
    .join(', ');
}

/** The answer as debconf has it. */
function wantedValue({ vtype, value }: Params): string {
  if (Array.isArray(value)) return value.toSorted().join(', ');
  if (typeof value !== 'boolean') return vtype === 'boolean' ? String(value).toLowerCase() : String(value);
  return vtype === 'boolean' || vtype === 'seen' ? String(value) : value ? 'True' : 'False';
}

function isSo(params: Params, present: Answer): boolean {
  const wanted = wantedValue(params);
  switch (params.vtype) {
    case 'seen':
      return String(present.seen) === wanted.toLowerCase();
    case 'boolean':
      return present.value.toLowerCase() === wanted;
    case 'multiselect':
      return Array.isArray(params.value) ? items(present.value) === wanted : present.value === wanted;
    default:
      return present.value === wanted;
  }
}

const environment = { LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };

/** Sets an answer; it may be a password, which goes by standard input. */
function setAction({ name, question = '' }: Params, vtype: string, value: string, unseen: boolean): Action {
  const stdin = `${name} ${question} ${vtype} ${value}\n`;
  return execAction(['debconf-set-selections', ...(unseen ? ['-u'] : [])], { stdin, env: environment });
}

/** Takes the package's claim to the question away, and the question with its last one; 10: it has none. */
const forget =
  'printf "UNREGISTER %s\\n" "$2" | debconf-communicate "$1" >/dev/null; status=$?; [ $status = 0 ] || [ $status = 10 ]';

function undoActions(params: Params, present: Answer | undefined): readonly Action[] {
  const { name, question = '', vtype = 'string' } = params;
  if (present === undefined) return [execAction(['sh', '-c', forget, 'sh', name, question], { env: environment })];
  if (vtype === 'seen') return [setAction(params, vtype, String(present.seen), false)];
  const back = setAction(params, vtype, present.value, !present.seen);
  return present.seen ? [back] : [back, setAction(params, 'seen', 'false', false)];
}

export const module = defineModule({
  name: 'debconf',
  form: 'converge',
  summary: 'Answers a question of a Debian package, before or after it is installed.',
  notes:
    'By debconf(7). The package itself is not configured anew: that is for dpkg-reconfigure(8). Passwords are compared, and shown nowhere.',
  examples: [
    'debconf:\n  name: locales\n  question: locales/default_environment_locale\n  vtype: select\n  value: de_DE.UTF-8',
    'debconf:\n  name: tzdata',
  ],
  aliases: { pkg: 'name', selection: 'question', setting: 'question', answer: 'value' },
  params: fields.superRefine(({ question, vtype, value }, context) => {
    const given = [question, vtype, value].filter((field) => field !== undefined).length;
    if (given % 3 !== 0)
      context.addIssue({
        code: 'custom',
        path: ['question'],
        message: 'parameters are required together: question, vtype, value',
      });
    if (Array.isArray(value) && vtype !== 'multiselect')
      context.addIssue({ code: 'custom', path: ['value'], message: 'only a multiselect has a list' });
  }),
  objects: ({ name, question }) => [`debconf ${question ?? name}`],

  async read({ name, question, vtype }, host): Promise<Current> {
    const answers = parseAnswers(await answerOf(host, ['debconf-show', name], { env: environment }));
    const shown = question === undefined ? undefined : answers.get(question);
    if (shown === undefined || vtype !== 'password') return { answers, present: shown };
    const { stdout } = await ask(host, ['debconf-communicate', name], { env: environment, stdin: `GET ${question}\n` });
    return { answers, present: { ...shown, value: stdout.replace(/^0 ?/, '').replace(/\n$/, '') } };
  },

  plan(params, { answers, present }) {
    const { question, vtype = 'string', unseen } = params;
    const all = Object.fromEntries([...answers].map(([name, { value }]) => [name, value]));
    if (question === undefined || (present !== undefined && isSo(params, present)))
      return { steps: [], before: {}, after: {}, result: { msg: '', current: all } };
    const value = wantedValue(params);
    const action = setAction(params, vtype, value, unseen);
    const step = { object: `debconf ${question}`, action, undo: undoActions(params, present) };
    const hidden = vtype === 'password';
    const view = (answer: string | undefined) => ({ [question]: hidden ? '********' : (answer ?? '') });
    const before =
      present === undefined ? { [question]: '' } : view(vtype === 'seen' ? String(present.seen) : present.value);
    const after = view(value);
    const previous = present === undefined ? { ...all, [question]: '' } : before;
    const shown = (of: object) => `${JSON.stringify(of, undefined, 4)}\n`;
    return { steps: [step], before: shown(before), after: shown(after), result: { msg: '', current: after, previous } };
  },
});
