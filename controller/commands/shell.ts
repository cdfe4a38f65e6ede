import type { Argv } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import { localShell, openShell, type RemoteShell } from '../connect/shell.ts';
import { errorText } from '../report/error-text.ts';
import { endpointText, onePlaceOf } from './endpoint.ts';
import { loginOptions, reachOptions } from './given-options.ts';
import type { Args } from './read-options.ts';

/** As ssh: the shell did not run, or its end is not known. */
const lost = 255;

export function options(yargs: Argv): Argv {
  return loginOptions(reachOptions(yargs))
    .positional('endpoint', { type: 'string', demandOption: true, describe: 'HOST or HOST/NETNS' })
    .epilogue(
      [
        "A login shell on a terminal of its own, by SSH: the agent has no part in it. The exit code is the shell's.",
        'It belongs to the login user, with --become to root; entering a namespace takes root, so sudo may ask.',
      ].join('\n'),
    );
}

/** Gives the terminal to a shell on the host until that ends. */
export async function execute(args: Args): Promise<number> {
  const { netns, host } = onePlaceOf(args);
  const { target, runAs } = host;
  if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) {
    throw new OrchError({
      code: 'invalid-option',
      summary: 'orch shell needs a terminal, and standard input or output is none.',
      hint: '`orch exec ENDPOINT -- sh` runs a shell that reads its commands from standard input.',
    });
  }
  const place = { netns, user: runAs, label: endpointText(target.name, netns) };
  if (target.connection === 'local') {
    // Keys go to the shell's own process group, which is the terminal's; some of them reach this process, too.
    process.on('SIGINT', () => undefined).on('SIGQUIT', () => undefined);
    return localShell(place);
  }
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  try {
    const terminal = { ...size(), term: process.env.TERM ?? 'xterm' };
    return await attach(await openShell(target, place, terminal, interrupt.signal));
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    if (error.code === 'interrupted') return 130;
    process.stderr.write(`${errorText(error)}\n`);
    return lost;
  }
}

function size() {
  return { rows: process.stdout.rows, cols: process.stdout.columns };
}

/** Joins this terminal and the shell's: every key goes there, Ctrl-C too. The terminal is set back however it ends. */
async function attach(shell: RemoteShell): Promise<number> {
  const { stdin, stdout } = process;
  const restore = () => stdin.setRawMode(false);
  const resize = () => shell.resize(size());
  const leave = () => process.exit(lost);
  process.once('exit', restore).once('SIGTERM', leave).once('SIGHUP', leave);
  stdout.on('resize', resize);
  stdin.setRawMode(true);
  stdin.pipe(shell.input);
  shell.output.pipe(stdout, { end: false });
  try {
    return await shell.ended;
  } catch (error) {
    // Whatever stands on the line.
    stdout.write('\r\n');
    throw error;
  } finally {
    restore();
    process.off('exit', restore).off('SIGTERM', leave).off('SIGHUP', leave);
    stdout.off('resize', resize);
    stdin.unpipe(shell.input);
    stdin.pause();
    shell.close();
  }
}
