import type { Argv } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import { logsOf } from '../connect/calls/logs.ts';
import { connect } from '../connect/connect.ts';
import { drained } from '../connect/drained.ts';
import { CleanPieces } from '../report/clean.ts';
import { errorText } from '../report/error-text.ts';
import { onePlaceOf } from './endpoint.ts';
import { loginOptions, reachOptions } from './given-options.ts';
import type { Args } from './read-options.ts';

const mostLines = 10_000_000;

export function options(yargs: Argv): Argv {
  return loginOptions(reachOptions(yargs))
    .positional('endpoint', { type: 'string', demandOption: true, describe: 'HOST or HOST/NETNS' })
    .positional('daemon', { type: 'string', demandOption: true, describe: 'Name of the daemon' })
    .options({
      follow: { alias: 'f', type: 'boolean', describe: 'Follow what it writes, until Ctrl-C' },
      lines: { alias: 'n', type: 'number', default: 50, describe: 'So many of the last lines' },
    });
}

/** Prints what a daemon wrote; Ctrl-C is the usual end of following it. */
export async function execute(args: Args): Promise<number> {
  const { netns, host } = onePlaceOf(args);
  const lines = Number(args.lines);
  if (!Number.isInteger(lines) || lines < 0 || lines > mostLines) {
    throw new OrchError({ code: 'invalid-option', summary: `--lines takes a whole number from 0 to ${mostLines}.` });
  }
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort()).once('SIGTERM', () => interrupt.abort());
  // Who reads may leave.
  process.stdout.once('error', () => interrupt.abort());
  // What daemons write may be a stranger's words: a file takes it as it is, a terminal would obey it.
  const pieces = process.stdout.isTTY ? new CleanPieces() : undefined;
  const request = { name: String(args.daemon), netns: netns ?? '', lines, follow: args.follow === true };
  try {
    const connection = await connect(host.target, interrupt.signal);
    try {
      for await (const bytes of logsOf(connection, request, interrupt.signal)) {
        if (!process.stdout.write(pieces ? pieces.add(bytes) : bytes)) await drained(process.stdout);
      }
    } finally {
      if (pieces) process.stdout.write(pieces.end());
      await connection.close();
    }
    return 0;
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    if (error.code === 'interrupted') return 130;
    process.stderr.write(`${errorText(error)}\n`);
    return 2;
  }
}
