import * as z from 'zod';
import { OrchError } from '../../../proto/errors.ts';
import type { ExecResult, Host } from '../../linux/host.ts';
import { mayBeMade, type RunContext, type RunResult } from '../module.ts';
import { hostPath, inNetns, pathText } from './fields.ts';
import { fitting, isPattern } from './files/expand.ts';
import { joined } from './files/path.ts';
import { unlessRefused } from './files/refused.ts';
import { lineEnds } from './line-ends.ts';
import { requireNetns } from './place.ts';

/** What command and shell have in common; names and defaults are Ansible's. */
export const commandFields = {
  creates: pathText
    .optional()
    .describe('Not run when this file exists, or one that fits the pattern; relative to chdir.'),
  removes: pathText
    .optional()
    .describe('Not run when this file does not exist, or none that fits the pattern; relative to chdir.'),
  chdir: hostPath.optional().describe('Folder to run in.'),
  stdin: z.string().optional().describe('Text for the standard input.'),
  stdin_add_newline: z.boolean().default(true).describe('End stdin with a newline.'),
  strip_empty_ends: z.boolean().default(true).describe('Take empty lines off the end of stdout and stderr.'),
  netns: inNetns,
} as const;

type CommandParams = z.infer<z.ZodObject<typeof commandFields>>;

/** Bytes of each stream: a result holds them twice, as text and as lines, and must fit into one message. */
const outputLimit = 4 * 1024 * 1024;

/** "2026-01-31 23:59:59.123000", local time, as Ansible writes it. */
export function timeText(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}000`;
}

/** "0:00:01.234567". */
export function deltaText(milliseconds: number): string {
  const micros = Math.round(milliseconds * 1000);
  const seconds = Math.floor(micros / 1_000_000);
  const two = (value: number) => String(value).padStart(2, '0');
  const clock = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${clock}.${String(micros % 1_000_000).padStart(6, '0')}`;
}

/** When a program began and ended, as Ansible tells it. */
export function timesOf(start: Date, milliseconds: number): Readonly<Record<'start' | 'end' | 'delta', string>> {
  const end = new Date(start.getTime() + milliseconds);
  return { start: timeText(start), end: timeText(end), delta: deltaText(milliseconds) };
}

/** The lines of what a program said; a carriage return ends one, too. */
export function lines(text: string): string[] {
  const all = text.split(/\r\n|\n|\r/);
  return all.at(-1) === '' ? all.slice(0, -1) : all;
}

/** Why a command that `creates` or `removes` guards is not run. */
export async function skipReason(
  params: Pick<CommandParams, 'creates' | 'removes' | 'chdir'>,
  host: Host,
): Promise<string | undefined> {
  const isThere = async (path: string) => {
    const inside = params.chdir === undefined || path.startsWith('/') ? path : joined(params.chdir, path);
    const full = await host.absolute(inside);
    // What the task's user may not look for is not there for it.
    if (isPattern(full)) return ((await unlessRefused(fitting(host, full))) ?? []).length > 0;
    return (await unlessRefused(host.stat(full))) !== undefined;
  };
  const worded = async (path?: string) => (path === undefined ? undefined : host.expanded(path));
  const [creates, removes] = [await worded(params.creates), await worded(params.removes)];
  if (creates !== undefined && (await isThere(creates))) return `${creates} exists`;
  if (removes !== undefined && !(await isThere(removes))) return `${removes} does not exist`;
  return undefined;
}

function stdinOf(params: CommandParams): string | undefined {
  if (params.stdin === undefined || !params.stdin_add_newline || params.stdin.endsWith('\n')) return params.stdin;
  return `${params.stdin}\n`;
}

async function isFolder(host: Host, path: string): Promise<boolean> {
  const state = await host.stat(path);
  if (!state) return mayBeMade(path, host);
  return state?.kind === 'directory' || state?.kind === 'symlink';
}

type Cmd = string | readonly string[];

const noTimes = { start: null, end: null, delta: null };
const noOutput = { stdout: '', stderr: '', stdout_lines: [], stderr_lines: [] };

/** In check mode: a command that `creates` or `removes` guards would have changed the host; of others nobody knows. */
function checked(cmd: Cmd, { creates, removes }: CommandParams): RunResult {
  const msg = 'Command would have run if not in check mode';
  const guarded = creates !== undefined || removes !== undefined;
  return { changed: guarded, skipped: !guarded, message: msg, result: { cmd, rc: 0, msg, ...noOutput, ...noTimes } };
}

function noFolder(cmd: Cmd, path: string): RunResult {
  const msg = 'Unable to change directory before execution.';
  const result = { cmd, rc: null, msg, ...noOutput, ...noTimes };
  return { changed: false, failed: true, message: `There is no folder ${path} to run in.`, result };
}

/** A program that can't be started fails with the number of the system's error: 2, there is no such file, where that is not told. */
function notStarted(cmd: Cmd, error: unknown): RunResult {
  if (!(error instanceof OrchError) || error.code !== 'command-failed') throw error;
  const result = {
    cmd: typeof cmd === 'string' ? cmd : cmd.join(' '),
    rc: error.result?.rc ?? 2,
    msg: 'Error executing command.',
    ...noOutput,
  };
  return { changed: false, failed: true, message: error.summary, result };
}

/**
 * Runs argv to its end and answers with Ansible's keys; `cmd` is what the task shows. A status other than 0 is a failed
 * result, as is a program or folder that is not there. Throws OrchError when the namespace is missing, or when the deadline passed.
 */
export async function runCommand(
  argv: readonly string[],
  cmd: Cmd,
  params: CommandParams,
  host: Host,
  context: RunContext,
): Promise<RunResult> {
  if (params.chdir !== undefined && !(await isFolder(host, params.chdir))) return noFolder(cmd, params.chdir);
  const skipped = await skipReason(params, host);
  if (skipped !== undefined) {
    const stdout = `skipped, since ${skipped}`;
    const output = { stdout, stderr: '', stdout_lines: [stdout], stderr_lines: [] };
    const msg = `${context.check ? 'Would not' : 'Did not'} run command since ${skipped.replace(/^(.*?) (exists|does not exist)$/s, "'$1' $2")}`;
    return { changed: false, message: msg, result: { cmd, rc: 0, msg, ...output, ...noTimes } };
  }
  if (context.check) return checked(cmd, params);
  await requireNetns(host, params.netns);
  const start = new Date();
  const began = performance.now();
  const command = { argv, netns: params.netns, cwd: params.chdir, stdin: stdinOf(params), runAs: host.runAs };
  let done: ExecResult;
  try {
    done = await host.exec(command, { signal: context.signal, output: context.output, limit: outputLimit });
  } catch (error) {
    return notStarted(cmd, error);
  }
  const milliseconds = performance.now() - began;
  const strip = (text: string) => (params.strip_empty_ends ? text.replace(lineEnds, '') : text);
  const [stdout, stderr] = [strip(done.stdout), strip(done.stderr)];
  return {
    changed: true,
    ...failure(done, argv),
    result: {
      msg: done.status === 0 ? '' : 'non-zero return code',
      ...{ cmd, rc: done.status, stdout, stderr, stdout_lines: lines(stdout), stderr_lines: lines(stderr) },
      ...timesOf(start, milliseconds),
    },
  };
}

function failure(done: ExecResult, argv: readonly string[]): { failed?: boolean; message?: string } {
  if (done.status === 0) return {};
  if (done.status === null) return { failed: true, message: `${argv[0]} was ended before it was done` };
  const word = done.stderr.trim().split('\n').at(-1);
  return { failed: true, message: `non-zero return code${word ? `: ${word}` : ` ${done.status}`}` };
}
