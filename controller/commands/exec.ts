import type { Argv } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import { RemoteProcess, type TakeOutput } from '../connect/calls/remote-process.ts';
import { connect } from '../connect/connect.ts';
import { drained } from '../connect/drained.ts';
import { onHangUp } from '../hang-up.ts';
import { CleanPieces } from '../report/clean.ts';
import { errorText } from '../report/error-text.ts';
import { PrefixedLines } from '../report/prefixed-lines.ts';
import type { CommandFile } from './command.ts';
import { endpointText, placeOf } from './endpoint.ts';
import { loginOptions, reachOptions } from './given-options.ts';
import type { HostAccess } from './inventory-targets.ts';
import { type Args, text, texts } from './read-options.ts';

/** As ssh: the program did not run, or its end is not known. */
const lost = 255;
/** As a program that SIGPIPE ended. */
const unread = 141;
/** As timeout(1). */
const late = 124;

/** Without `--` all that follows the endpoint is the program's. */
export const arrange: NonNullable<CommandFile['arrange']> = (words, line) => {
  if (words.includes('--')) return words;
  let at = 0;
  for (let word = words[at]; word?.startsWith('-'); word = words[at]) at += line.read(word).wants ? 2 : 1;
  return at >= words.length - 1 ? words : [...words.slice(0, at + 1), '--', ...words.slice(at + 1)];
};

export const hasProgram = true;

export function options(yargs: Argv): Argv {
  return loginOptions(reachOptions(yargs))
    .positional('endpoint', {
      type: 'string',
      demandOption: true,
      describe: 'HOST or HOST/NETNS; HOST may be a pattern',
    })
    .options({
      chdir: { type: 'string', describe: 'Folder to run in' },
      env: { alias: 'e', type: 'string', array: true, nargs: 1, describe: 'NAME=VALUE for the program' },
      deadline: { type: 'number', describe: 'Seconds after which the program is ended (exit code 124)' },
      stdin: { type: 'boolean', default: true, describe: 'Pass standard input on, unless it is a terminal' },
    })
    .epilogue(
      [
        "orch exec vm02/ns01 -- ip -br address      the exit code is the program's; 255: it could not be run",
        'orch exec all -- uname -r                  several hosts side by side, each line after its host',
        'Ctrl-C is passed on; a second one kills the program.',
      ].join('\n'),
    );
}

interface Command {
  readonly argv: readonly string[];
  readonly netns: string | undefined;
  readonly cwd: string;
  readonly environment: Record<string, string>;
  readonly timeoutMs: number;
}

/** Runs a program on each host, and passes its streams and its exit code through. */
export async function execute(args: Args): Promise<number> {
  const { hosts, netns } = placeOf(args);
  const command = readCommand(args, netns);
  const [only] = hosts;
  const running = new Running();
  try {
    if (only !== undefined && hosts.length === 1) {
      const status = await runOn(only, command, running, writeTo, args.stdin === true && process.stdin.isTTY !== true);
      return status ?? 130;
    }
    const width = Math.max(...hosts.map(({ target }) => endpointText(target.name, netns).length), 0);
    const statuses = await Promise.all(hosts.map((host) => runPrefixed(host, command, running, width)));
    if (statuses.includes(undefined)) return 130;
    return statuses.every((status) => status === 0) ? 0 : 2;
  } finally {
    running.release();
  }
}

function readCommand(args: Args, netns: string | undefined): Command {
  const argv = texts(args['--']);
  if (argv.length === 0) {
    const hint = '`orch exec vm02/ns01 -- ip address`; for a shell: `orch shell vm02/ns01`.';
    throw new OrchError({ code: 'invalid-option', summary: 'There is no program to run.', hint });
  }
  if (argv[0]?.startsWith('-')) {
    const hint =
      'Options of orch stand before the endpoint, or before `--`: `orch exec -i hosts.yml vm02 -- ip address`.';
    throw new OrchError({ code: 'invalid-option', summary: `${argv[0]} is no program to run.`, hint });
  }
  const environment = texts(args.env).map((pair): [string, string] => {
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(pair) ?? [];
    if (name !== undefined && value !== undefined) return [name, value];
    throw new OrchError({ code: 'invalid-option', summary: `--env takes NAME=VALUE, not ${JSON.stringify(pair)}.` });
  });
  const seconds = args.deadline === undefined ? 0 : Number(args.deadline);
  if (!(seconds > 0 || args.deadline === undefined)) {
    throw new OrchError({ code: 'invalid-option', summary: '--deadline takes a number of seconds above 0.' });
  }
  const cwd = text(args.chdir) ?? '';
  return { argv, netns, cwd, environment: Object.fromEntries(environment), timeoutMs: Math.ceil(seconds * 1000) };
}

/** What runs, for Ctrl-C: the first is passed on, the second kills, the third leaves. */
class Running {
  readonly connecting = new AbortController();
  /** Nobody reads standard output any more. */
  unread = false;
  private readonly processes = new Set<RemoteProcess>();
  private presses = 0;
  private readonly press = () => this.onSignal('SIGINT');
  private readonly terminate = () => this.onSignal('SIGTERM');
  private readonly leaveUnread = () => this.onUnread();
  private readonly ignoreHangUp = onHangUp(this.terminate);

  constructor() {
    process.on('SIGINT', this.press).on('SIGTERM', this.terminate);
    process.stdout.on('error', this.leaveUnread);
  }

  add(remote: RemoteProcess): void {
    this.processes.add(remote);
  }

  drop(remote: RemoteProcess): void {
    this.processes.delete(remote);
  }

  release(): void {
    process.off('SIGINT', this.press).off('SIGTERM', this.terminate);
    process.stdout.off('error', this.leaveUnread);
    this.ignoreHangUp();
  }

  private onSignal(signal: NodeJS.Signals): void {
    this.presses++;
    this.connecting.abort();
    if (this.presses > 2) process.exit(130);
    for (const remote of this.processes) remote.signal(this.presses === 1 ? signal : 'SIGKILL');
  }

  private onUnread(): void {
    this.unread = true;
    for (const remote of this.processes) remote.cancel();
  }
}

/** The program's exit code; undefined when Ctrl-C came before it was started. */
async function runOn(
  { target, runAs }: HostAccess,
  command: Command,
  running: Running,
  take: TakeOutput,
  withInput: boolean,
): Promise<number | undefined> {
  const { signal } = running.connecting;
  try {
    const connection = await connect(target, signal);
    const start = { ...command, argv: [...command.argv], netns: command.netns ?? '', runAs };
    const remote = new RemoteProcess(connection, start, take);
    running.add(remote);
    if (withInput) void passInput(remote);
    else remote.endInput();
    try {
      const { status, timedOut } = await remote.ended;
      if (!timedOut) return status;
      process.stderr.write(`orch: ${target.name}: ended after ${command.timeoutMs / 1000} s (--deadline)\n`);
      return late;
    } finally {
      running.drop(remote);
      await connection.close();
    }
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    if (error.code === 'interrupted') return undefined;
    if (running.unread) return unread;
    process.stderr.write(`${errorText(error)}\n`);
    return lost;
  }
}

async function runPrefixed(host: HostAccess, command: Command, running: Running, width: number) {
  const prefix = `${endpointText(host.target.name, command.netns).padEnd(width)} | `;
  // A terminal would obey what one host says over the others' lines.
  const linesTo = ({ isTTY }: { readonly isTTY?: boolean }) =>
    new PrefixedLines(prefix, isTTY ? new CleanPieces() : undefined);
  const lines = [linesTo(process.stdout), linesTo(process.stderr)] as const;
  const of = (stderr: boolean) => (stderr ? lines[1] : lines[0]);
  const status = await runOn(host, command, running, (chunk, stderr) => writeTo(of(stderr).add(chunk), stderr), false);
  for (const stderr of [false, true]) await writeTo(of(stderr).end(), stderr);
  if (status !== 0 && status !== undefined && status !== lost && status !== unread)
    process.stderr.write(`${prefix}exit code ${status}\n`);
  return status;
}

async function writeTo(bytes: Buffer, stderr: boolean): Promise<void> {
  const stream = stderr ? process.stderr : process.stdout;
  if (bytes.length > 0 && !stream.write(bytes)) await drained(stream);
}

async function passInput(remote: RemoteProcess): Promise<void> {
  try {
    for await (const chunk of process.stdin) await remote.write(chunk as Buffer);
  } catch {
    // Standard input is closed or cannot be read: there is none.
  }
  remote.endInput();
}
