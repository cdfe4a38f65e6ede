import * as z from 'zod';
import type { FileState, Host } from '../linux/host.ts';
import { defineModule, type Plan } from './module.ts';
import { accountName } from './shared/account-name.ts';
import {
  type CrontabEdit,
  crontabLines,
  crontabNames,
  crontabText,
  editedCrontab,
  NoVariable,
} from './shared/crontab.ts';
import { noneOf, presence, twoPlaces } from './shared/fields.ts';
import { keptBytes, keptText } from './shared/files/kept-bytes.ts';
import { joined, tidy } from './shared/files/path.ts';
import { fileAction } from './shared/files/steps.ts';
import { backupPath, writeSteps } from './shared/files/write.ts';
import { ask, execAction, taskFailed } from './shared/programs.ts';

/** A field of crontab(5), or a name: it stands on one line. */
const word = z.string().regex(/^[^\s\0]+$/, 'is no field of crontab(5)');
const line = z.string().regex(/^[^\r\n\0]*$/, 'holds a newline');
const time = word.default('*');
/** The same, with the newlines around it that a text of YAML may have. */
const padded = z.string().regex(/^[\r\n]*[^\r\n\0]*[\r\n]*$/, 'holds a newline');

const fields = z.strictObject({
  name: line.min(1).describe('The job: it stands in a comment above its line; with env: the variable.'),
  user: accountName.optional().describe("Whose table, or with cron_file as whom it runs; default: the task's user."),
  job: padded.optional().describe('The command; with env: the value of the variable.'),
  state: presence.describe('present or absent.'),
  cron_file: line
    .min(1)
    .optional()
    .describe('This file instead of the table of a user; without a slash at its start below /etc/cron.d.'),
  backup: z.boolean().default(false).describe('Keep the old table, too; the result says where.'),
  minute: time.describe('0-59, *, */2 ...'),
  hour: time.describe('0-23, *, */2 ...'),
  day: time.describe('Day of the month: 1-31, *, */2 ...'),
  month: time.describe('1-12, JAN-DEC, *, */2 ...'),
  weekday: time.describe('0-6, SUN-SAT, * ...'),
  special_time: z
    .enum(['reboot', 'yearly', 'annually', 'monthly', 'weekly', 'daily', 'hourly'])
    .optional()
    .describe('A time by its name, instead of the five before.'),
  disabled: z.boolean().default(false).describe('The job stands there as a comment.'),
  env: z.boolean().default(false).describe('It is about a variable, not about a job.'),
  insertafter: word.optional().describe('With env: stand behind this variable; default: at the top.'),
  insertbefore: word.optional().describe('With env: stand before this variable.'),
});
type Params = z.infer<typeof fields>;

const times = ['minute', 'hour', 'day', 'month', 'weekday'] as const;

function contradictions(params: Params): [keyof Params, string][] {
  const { state, job, user, cron_file, special_time, env, name } = params;
  const found: [keyof Params, string][] = [];
  const present = state === 'present';
  const none = job === undefined || (!env && job.trim() === '');
  if (present && none) found.push(['job', "You must specify 'job' to install a new cron job or variable"]);
  if (present && cron_file !== undefined && user === undefined)
    found.push(['user', 'To use cron_file=... parameter you must specify user=... as well']);
  if (special_time !== undefined && times.some((field) => params[field] !== '*'))
    found.push(['special_time', 'You cannot combine special_time with any of the time or day/date parameters.']);
  if (cron_file === '/etc/crontab')
    found.push(['cron_file', 'Will not manage /etc/crontab via cron_file, see documentation.']);
  if (env && /[\s=]/.test(name)) found.push(['name', 'is no name of a variable']);
  if (params.insertafter !== undefined && params.insertbefore !== undefined) found.push(['insertbefore', twoPlaces]);
  if (!env && (params.insertafter ?? params.insertbefore) !== undefined)
    found.push(['env', 'Insertafter and insertbefore parameters are valid only with env=yes']);
  return found;
}

function editOf(params: Params): CrontabEdit {
  const { name, state, env, insertafter, insertbefore } = params;
  return { name, state, env, insertafter, insertbefore, line: state === 'present' ? lineOf(params) : undefined };
}

function lineOf(params: Params): string {
  const job = params.job?.replace(/^[\r\n]+|[\r\n]+$/g, '');
  if (params.env) return `${params.name}="${job}"`;
  const when = params.special_time === undefined ? times.map((field) => params[field]) : [`@${params.special_time}`];
  const who = params.cron_file === undefined ? [] : [params.user];
  return `${params.disabled ? '#' : ''}${[...when, ...who, job].join(' ')}`;
}

/** The table as it is. */
interface Table {
  /** Undefined: the table of a user. */
  readonly path: string | undefined;
  /** Whose table it is; with a path: nobody's. */
  readonly owner: string;
  readonly state: FileState | undefined;
  /** Undefined: there is none. */
  readonly text: string | undefined;
  readonly runAs: string | undefined;
  readonly backup: string;
}

/** crontab(1) for the table: a user's own where the task names none. */
function crontab({ user }: Params, runAs: string | undefined, ...words: string[]) {
  const argv = ['crontab', ...(user === undefined ? [] : ['-u', user]), ...words];
  return { argv, more: user === undefined && runAs !== undefined ? { runAs } : {} };
}

async function readTable(params: Params, host: Host): Promise<Table> {
  const { runAs } = host;
  const owner = params.user ?? runAs ?? 'root';
  if (params.cron_file !== undefined) {
    const path = params.cron_file.startsWith('/') ? tidy(params.cron_file) : joined('/etc/cron.d', params.cron_file);
    const state = await host.stat(path);
    if (state !== undefined && state.kind !== 'file') throw taskFailed(`${path} is there and is no file.`);
    const content = await host.readFile(path);
    const text = content && keptText(content);
    return { path, owner, state, text, runAs, backup: backupPath(path, new Date()) };
  }
  const { argv, more } = crontab(params, runAs, '-l');
  const { status, stdout, stderr } = await ask(host, argv, more);
  if (status !== 0 && !/no crontab for/i.test(stderr)) throw taskFailed(`Unable to read crontab: ${stderr.trim()}`);
  const backup = backupPath(`/var/backups/crontab.${owner}`, new Date());
  return { path: undefined, owner, state: undefined, text: status === 0 ? stdout : undefined, runAs, backup };
}

function steps(params: Params, table: Table, wanted: string): Pick<Plan, 'steps' | 'warnings' | 'result'> {
  const { path, owner, state, text, runAs, backup } = table;
  if (path === undefined) {
    const set = (content: string) => {
      const { argv, more } = crontab(params, runAs, '-');
      return execAction(argv, { ...more, stdin: content });
    };
    const { argv, more } = crontab(params, runAs, '-r');
    const undo = text === undefined ? execAction(argv, more) : set(text);
    const kept = fileAction({ do: 'write', path: backup, content: base64(text ?? ''), mode: 0o600 });
    const unkept = fileAction({ do: 'unlink', path: backup });
    const first = params.backup ? [{ object: `file ${backup}`, action: kept, undo: [unkept] }] : [];
    const part = text === undefined ? {} : { part: 'lines' };
    const all = [...first, { object: `crontab ${owner}`, ...part, action: set(wanted), undo: [undo] }];
    return { steps: all, result: params.backup ? { backup_file: backup } : {} };
  }
  const content = text === undefined ? undefined : keptBytes(text);
  if (wanted === '' && params.state === 'absent') {
    const back = fileAction({ do: 'write', path, content: base64(text ?? ''), mode: state?.mode ?? 0o644 });
    const action = fileAction({ do: 'unlink', path });
    return { steps: [{ object: `file ${path}`, action, undo: [back], removes: true }], result: {} };
  }
  const nobody = { uid: undefined, gid: undefined };
  const ids = { ids: nobody, newIds: nobody, mode: undefined };
  const kept = params.backup ? backup : undefined;
  return writeSteps({ path, state, content, wanted: keptBytes(wanted), backup: kept, ...ids });
}

/** cron(8) reads no file of another name. */
function warningsOf({ cron_file }: Params): readonly string[] {
  const name = cron_file?.slice(cron_file.lastIndexOf('/') + 1) ?? '-';
  if (/^[\w-]+$/.test(name)) return [];
  return [
    `Filename portion of cron_file ("${name}") should consist solely of upper- and lower-case letters, digits, underscores, and hyphens`,
  ];
}

function base64(text: string): string {
  return keptBytes(text).toString('base64');
}

function edited(lines: readonly string[], params: Params): readonly string[] {
  try {
    return editedCrontab(lines, editOf(params));
  } catch (error) {
    throw error instanceof NoVariable ? taskFailed(error.message) : error;
  }
}

export const module = defineModule({
  name: 'cron',
  form: 'converge',
  summary: 'Keeps a job, or a variable, in a table of cron.',
  notes:
    'The name stands in a comment above its job, by which the next run finds it. A file of jobs that has none left is removed. `orch destroy` brings the old table back.',
  examples: [
    'cron:\n  name: nightly backup\n  minute: "0"\n  hour: "2"\n  job: /usr/local/bin/backup --all',
    'cron:\n  name: PATH\n  env: true\n  job: /opt/bin:/usr/bin:/bin\n  user: root\n  cron_file: backup',
  ],
  aliases: { value: 'job', dom: 'day', dow: 'weekday' },
  params: fields.superRefine(noneOf(contradictions)),
  needs: ({ cron_file }) => (cron_file === undefined ? [{ what: 'program', which: 'crontab' }] : []),
  objects: (_params, { path, owner }: Table) => [path === undefined ? `crontab ${owner}` : `file ${path}`],
  read: readTable,

  plan(params, table) {
    const lines = crontabLines(table.text ?? '');
    const wanted = edited(lines, params);
    const before = crontabText(lines);
    const after = crontabText(wanted);
    const told = warningsOf(params);
    const file = params.cron_file === undefined ? {} : { cron_file: params.cron_file };
    const unended = table.text !== undefined && table.text !== '' && !table.text.endsWith('\n');
    if (wanted.join('\n') === lines.join('\n') && !unended)
      return { steps: [], before, after: before, warnings: told, result: { ...crontabNames(lines), ...file } };
    const { warnings = [], ...plan } = steps(params, table, after);
    const gone = table.path !== undefined && after === '';
    const about = gone ? { state: params.state } : crontabNames(wanted);
    return { ...plan, before, after, warnings: [...told, ...warnings], result: { ...about, ...file, ...plan.result } };
  },
});
