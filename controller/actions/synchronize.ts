import { dirname } from 'node:path';
import { lines } from '../../agent/modules/shared/run-command.ts';
import { shellWords } from '../../agent/modules/shared/shell-words.ts';
import { OrchError } from '../../proto/errors.ts';
import { ShellSocket } from '../connect/calls/shell-socket.ts';
import { type ActionContext, type ActionResult, defineAction, type ProgramAsked } from './action.ts';
import { type Ends, endsOf } from './shared/rsync-ends.ts';
import {
  changeMark,
  isServed,
  rshText,
  rsyncOptions,
  type SynchronizeParams,
  synchronizeParams,
} from './shared/rsync-options.ts';

/** As which rsync ends where a file or folder is not there (rsync(1)), or rsync itself. */
const lacking: ReadonlySet<number> = new Set([3, 11, 23, 127]);

/** How a program ended, and what it said. */
interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Bytes of what a program says: a line for each of some hundred thousand files. The result holds it more than once. */
const mostSaid = 32 * 1024 * 1024;

/** Runs a program to its end, without input. Rejects with OrchError, also where it says more than memory holds. */
async function output(context: ActionContext, asked: ProgramAsked): Promise<Ended> {
  const said = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  let bytes = 0;
  const program = await context.program(asked, async (chunk, stderr) => {
    bytes += chunk.length;
    if (bytes > mostSaid) throw saidTooMuch(asked);
    said[stderr ? 'stderr' : 'stdout'].push(chunk);
  });
  program.endInput();
  const { status } = await program.ended;
  return { status, stdout: Buffer.concat(said.stdout).toString(), stderr: Buffer.concat(said.stderr).toString() };
}

function saidTooMuch({ argv }: ProgramAsked): OrchError {
  const summary = `${argv[0]} has said more than ${mostSaid} bytes.`;
  return new OrchError({ code: 'task-failed', summary, hint: 'Synchronize less at once.' });
}

/** The same, where a program that can't be started has failed, too, as in a shell. */
async function started(context: ActionContext, asked: ProgramAsked): Promise<Ended> {
  return output(context, asked).catch((error: unknown) => notStarted(context, asked.on, error));
}

/** Rethrows what is no failure to start a program. */
function notStarted(context: ActionContext, on: string | undefined, error: unknown): Ended {
  if (!(error instanceof OrchError) || error.code !== 'command-failed') throw error;
  const where = on === undefined || context.isWorkstation(on) ? 'the workstation' : on;
  const stderr = `On ${where}: ${error.summary} rsync is needed on both sides: is it installed there (apt-get install rsync, or its like)?`;
  return { status: 127, stdout: '', stderr };
}

/** Runs rsync, and where there is a far end the rsync there: through the connection that the host's tasks have. */
async function transfer(argv: readonly string[], ends: Ends, context: ActionContext): Promise<Ended & { cmd: string }> {
  const { near, far, src, dest } = ends;
  const shell =
    far &&
    (await ShellSocket.open(([program = '', ...args], take) =>
      context.program({ ...far, argv: [...(shellWords(program) ?? [program]), ...args] }, take),
    ));
  const remote = shell ? ['-s', `--rsh=${rshText(shell.command)}`] : [];
  const words = [...argv, ...remote, src, dest];
  const ended = await started(context, { ...near, argv: words }).finally(() => shell?.close());
  const failure = ended.status === 0 ? undefined : shell?.failure;
  const known = failure === undefined ? ended : notStarted(context, far?.on, failure);
  return { ...known, stderr: (shell?.stderr ?? '') + known.stderr, cmd: words.join(' ') };
}

/** In check mode rsync takes it that it can make any folder; says which one it could not make. */
async function missingParent(params: SynchronizeParams, { into }: Ends, stdout: string, context: ActionContext) {
  const isMade = /^created directory /m.test(stdout) && !isServed(params.dest);
  if (!isMade || params.rsync_opts.includes('--mkpath')) return undefined;
  const { path, ...where } = into;
  const parent = dirname(path);
  const { status } = await output(context, { ...where, argv: ['test', '-d', parent] });
  return status === 0 ? undefined : parent;
}

/** Whether some item of rsync's words is one that it brought, made or set; with -vv it names what is as it was, too. */
function tellsChange(stdout: string): boolean {
  const [, ...items] = stdout.split(changeMark);
  return items.some((item) => !/^\.\w {9}/.test(item));
}

/** The folder for hard links that what is brought would come into. */
function linksToItself({ link_dest }: SynchronizeParams, { into }: Ends): string | undefined {
  const folder = `${dirname(into.path)}/`;
  return link_dest.find((each) => folder.startsWith(`${each.replace(/\/+$/, '')}/`));
}

async function synchronize(params: SynchronizeParams, context: ActionContext): Promise<ActionResult> {
  const { check, host } = context;
  const ends = endsOf(params, context);
  const around = linksToItself(params, ends);
  if (around !== undefined) {
    const message = `Hardlinking into a subdirectory of the source would cause recursion: ${ends.into.path} is in ${around}`;
    return { status: 'failed', message, result: {} };
  }
  const program = String(context.variable(host, 'ansible_rsync_path') ?? 'rsync');
  const { cmd, ...ended } = await transfer([program, ...rsyncOptions(params, check)], ends, context);
  const { status: rc, stdout, stderr } = ended;
  const isPretended = check && context.pretended(host);
  const parent = check && !isPretended && rc === 0 ? await missingParent(params, ends, stdout, context) : undefined;
  const trouble = rc === 0 ? parent && `there is no folder ${parent} to make ${ends.dest} in` : stderr.trim();
  if (trouble !== undefined) {
    const message = trouble || `rsync ended with status ${rc}`;
    if (!isPretended || !lacking.has(rc)) return { status: 'failed', message, result: { rc, cmd } };
    // What it lacks may be what the tasks before would have made.
    const warnings = [`check mode: what rsync would bring is not known yet (${lines(message)[0]})`];
    return { status: 'changed', message, warnings, result: { rc, cmd } };
  }
  const changed = tellsChange(stdout);
  const msg = stdout.replaceAll(changeMark, '');
  const told = context.diff ? { diff: { prepared: msg } } : {};
  return {
    status: changed ? 'changed' : 'ok',
    result: { changed, msg, rc, cmd, stdout_lines: lines(msg).filter((line) => line !== ''), ...told },
    diff: changed && context.diff ? [{ before: '', after: '', prepared: msg }] : undefined,
  };
}

export const action = defineAction({
  name: 'synchronize',
  summary: 'Brings files and folders from or to a host by rsync.',
  notes:
    'As ansible.posix.synchronize. rsync must be installed on both sides. It goes through the connection that orch has to the host, and acts there as the commands of the task do (`become`). With `delegate_to: "{{ inventory_hostname }}"` both places are on the host itself. `orch destroy` does not take back what it brought.',
  examples: [
    'synchronize:\n  src: site/\n  dest: /srv/www\n  delete: true\n  rsync_opts: ["--exclude=.git"]',
    'synchronize:\n  mode: pull\n  src: /var/log/frr\n  dest: logs/',
  ],
  params: synchronizeParams,
  run: synchronize,
});
