import type { Argv } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import { confirmRun } from '../confirm/confirm.ts';
import { connect } from '../connect/connect.ts';
import { safeJson } from '../report/clean.ts';
import { confirmedText } from '../report/run/settled-text.ts';
import { createStyle } from '../report/style.ts';
import { holder } from '../run/hosts/agents.ts';
import { Interrupt, onInterrupt } from '../run/hosts/interrupt.ts';
import { type AskedHost, askHosts, closeAll } from './ask-lab.ts';
import type { CommandFile } from './command.ts';
import { chooseLab, labOptions } from './lab-choice.ts';
import { ownTerminal } from './own-terminal.ts';
import type { Args } from './read-options.ts';

export function options(yargs: Argv): Argv {
  return labOptions(yargs).epilogue(
    'For a run whose controller is gone, while its hosts still wait: it is kept on all of them, or taken back on all.',
  );
}

/** Hosts that can't be asked may wait: as a run ends that did not reach them. */
export const exitOf: NonNullable<CommandFile['exitOf']> = (code) =>
  code === 'host-unreachable' ? 2 : code === 'vault' ? 1 : 4;

/** Has hosts keep a run that they would take back, in the same two phases as the run itself would have. */
export async function execute(args: Args): Promise<number> {
  const { lab, run: wanted, targets } = chooseLab(args);
  const interrupt = new Interrupt();
  const release = onInterrupt(interrupt);
  const asked = await askHosts(targets, lab, connect, interrupt.signal);
  await closeAll(asked);
  try {
    const { run, seconds } = waitingRun(asked, wanted, lab);
    const byName = new Map(asked.map(({ host, target }) => [host, target]));
    const settlement = await confirmRun({
      ...{ lab, run, seconds, holder: holder(), signal: interrupt.cancelled },
      hosts: concerned(asked, run),
      connect: (host, signal) => connect(targetOf(byName.get(host)), signal),
    });
    const terminal = ownTerminal();
    const text = confirmedText(lab, run, settlement, createStyle(terminal.color));
    terminal.write(args.output === 'json' ? `${safeJson({ version: 1, lab, run, ...settlement }, 2)}\n` : text);
    return settlement.kept ? 0 : 2;
  } finally {
    release();
  }
}

/** The run that hosts wait with, and how long the first of them still does. Throws OrchError when there is none. */
export function waitingRun(
  asked: readonly AskedHost[],
  wanted: string | undefined,
  lab: string,
): { readonly run: string; readonly seconds: number } {
  const waiting = asked.flatMap((host) => host.lab?.checkpoint ?? []);
  const matching = waiting.filter(({ run }) => wanted === undefined || run.includes(wanted));
  const run = matching
    .map((checkpoint) => checkpoint.run)
    .sort()
    .at(-1);
  if (run !== undefined) return { run, seconds: Math.max(1, Math.min(...matching.map(left)) / 1000) };
  const ended = asked.flatMap((host) => {
    const settled = host.lab?.settled;
    if (settled === undefined || (wanted !== undefined && !settled.run.includes(wanted))) return [];
    return [`${host.host}: run ${settled.run} was ${settled.kept ? 'kept' : `taken back (${settled.reason})`}`];
  });
  const unheard = asked.flatMap(({ host, failure }) => (failure ? [`${host}: ${failure.summary}`] : []));
  throw new OrchError({
    code: unheard.length > 0 ? 'host-unreachable' : 'invalid-option',
    summary: `No host ${unheard.length > 0 ? 'that answers ' : ''}waits for a run of lab ${lab} to be confirmed.`,
    detail: [...ended, ...unheard].join('\n') || undefined,
    hint: 'orch status shows what waits, and for how long.',
  });
}

/** As long as a run can ask for, as `--confirm` takes it. */
const mostMs = 86_400_000;

function left({ remainingMs }: { readonly remainingMs: number }): number {
  return Math.min(remainingMs, mostMs);
}

/** Those that wait with the run or settled it, and those that could not be asked: they may. */
function concerned(asked: readonly AskedHost[], run: string): readonly string[] {
  return asked
    .filter(({ lab, failure }) => failure || lab?.checkpoint?.run === run || lab?.settled?.run === run)
    .map(({ host }) => host);
}

function targetOf<T>(target: T | undefined): T {
  if (target === undefined) throw new Error('a host that was asked has a target');
  return target;
}
