import type { Argv } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import { rollbackOn } from '../connect/calls/destroy.ts';
import { connect } from '../connect/connect.ts';
import { cleanLine, safeJson } from '../report/clean.ts';
import { destroyedText, type HostDestroyed, type Undone } from '../report/destroy-text.ts';
import { createStyle } from '../report/style.ts';
import { failureOf } from '../run/failure.ts';
import { holder } from '../run/hosts/agents.ts';
import { Interrupt, onInterrupt } from '../run/hosts/interrupt.ts';
import { type AskedHost, askHosts, closeAll } from './ask-lab.ts';
import { chooseLab, labOptions } from './lab-choice.ts';
import { ownTerminal } from './own-terminal.ts';
import { type Args, readSeconds } from './read-options.ts';
import { undoExit, undoneOf } from './undone.ts';

export function options(yargs: Argv): Argv {
  return labOptions(yargs)
    .option('check', { alias: 'C', type: 'boolean', describe: 'Change nothing; say what would be' })
    .epilogue('Without a run: the last one that changed something; a second rollback goes one run further back.');
}

/** Takes a lab back to where it was before a run, over all runs since; says what was undone, and what was left and why. */
export async function execute(args: Args): Promise<number> {
  const { lab, run: wanted, targets } = chooseLab(args);
  const check = args.check === true;
  const waitMs = readSeconds('--wait', args.wait ?? 0, 0) * 1000;
  const interrupt = new Interrupt();
  const release = onInterrupt(interrupt);
  const asked = await askHosts(targets, lab, connect, interrupt.signal);
  try {
    const runs = runsToUndo(asked, wanted, lab);
    const terminal = ownTerminal();
    const style = createStyle(terminal.color);
    const text = args.output !== 'json';
    if (text) terminal.write(`lab ${lab}: ${headline(runs, check)}\n\n`);
    const request = { lab, runs: [...runs], holder: holder(), check, waitMs };
    const hosts = await Promise.all(
      asked.map(async (host) => {
        const result = await rollbackHost(host, request, interrupt.cancelled);
        if (text) terminal.write(destroyedText(result, check, style));
        return result;
      }),
    );
    const exit = undoExit(hosts, interrupt);
    if (!text) terminal.write(`${safeJson({ version: 1, lab, check, exit, runs, hosts }, 2)}\n`);
    return exit;
  } finally {
    release();
    await closeAll(asked);
  }
}

/** The run that is wanted and all since, oldest first; their names begin with their time. */
function runsToUndo(asked: readonly AskedHost[], wanted: string | undefined, lab: string): readonly string[] {
  const names = asked.flatMap((host) => host.lab?.runs.map(({ run }) => run) ?? []);
  const known = [...new Set(names)].sort();
  const first = wanted === undefined ? known.at(-1) : known.find((run) => run === wanted || run.includes(wanted));
  if (first !== undefined) return known.slice(known.indexOf(first));
  const reached = asked.some((host) => host.lab !== undefined);
  if (!reached || (wanted === undefined && asked.some(({ failure }) => failure))) return [];
  throw new OrchError({
    code: 'invalid-option',
    summary:
      wanted === undefined
        ? `No host remembers a run of lab ${lab} that changed something.`
        : `No host remembers a change of run ${wanted} of lab ${lab}.`,
    detail: known.length === 0 ? undefined : `It can go back to before:\n${known.join('\n')}`,
    hint: 'A host keeps the changes of a lab’s last 10 runs that changed something; `orch destroy` takes back all.',
  });
}

/** What is about to be done; names of runs are what hosts say. */
export function headline(runs: readonly string[], check: boolean): string {
  const [first] = runs;
  if (first === undefined) return 'rollback';
  const more = runs.length === 1 ? '' : `, ${runs.length} runs`;
  return cleanLine(`${check ? 'would go' : 'going'} back to before ${first}${more}`);
}

type Request = Parameters<typeof rollbackOn>[1];

async function rollbackHost(asked: AskedHost, request: Request, signal: AbortSignal): Promise<HostDestroyed> {
  const { host, connection, failure } = asked;
  const objects: Undone[] = [];
  if (connection === undefined) return { host, objects, ...(failure === undefined ? {} : { failure }) };
  try {
    for await (const { change } of rollbackOn(connection, request, signal)) {
      if (change !== undefined) objects.push(undoneOf(change));
    }
    return { host, objects };
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    return { host, objects, failure: failureOf(error) };
  }
}
