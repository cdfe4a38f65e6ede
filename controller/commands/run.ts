import type { OrchError } from '../../proto/errors.ts';
import { connect } from '../connect/connect.ts';
import { startLog } from '../log.ts';
import { createPrinter } from '../report/printer.ts';
import { terminalOf } from '../report/terminal.ts';
import type { ExitCode } from '../report/types.ts';
import { agentStreams, holder } from '../run/agents.ts';
import { explainRun } from '../run/explain.ts';
import { loadInput, refuse, type SelectedInput, selectInput } from '../run/input.ts';
import { Interrupt, onInterrupt } from '../run/interrupt.ts';
import { inventorySources } from '../run/inventory-sources.ts';
import { Keeping } from '../run/keeping.ts';
import { listing } from '../run/listing.ts';
import { hostSummaries, worstExit } from '../run/outcomes.ts';
import { prepareRun } from '../run/prepare.ts';
import { connectHosts, runConnected } from '../run/run-playbook.ts';
import { openSession } from '../run/session.ts';
import { type RunCommandOptions, readRunOptions, runOptions } from './run-options.ts';

export const options = runOptions;

/** `--confirm lab.yml`: the number may be left out, and what follows is no number then. */
export function arrange(args: readonly string[]): readonly string[] {
  return args.map((word, at) => (word === '--confirm' && !/^\d/.test(args[at + 1] ?? '') ? '--confirm=' : word));
}

/** Runs playbooks one after the other; nothing is contacted before all of them, and all they name, are known to be good. */
export async function execute(args: Readonly<Record<string, unknown>>): Promise<number> {
  const command = readRunOptions(args);
  await startLog(command.verbosity);

  const errors: OrchError[] = [];
  const inventories = inventorySources(command.inventories);
  const inputs = command.playbooks.map((file) => loadInput(file, inventories, command.extraVars, errors));
  refuse(errors);
  const selected = inputs.map((input) => selectInput(input, selectionOf(command), errors));
  refuse(errors);
  const runs = selected.map((input) => prepareRun(input, command, errors));
  refuse(errors);

  if (command.list) return list(selected, command.list);
  const interrupt = new Interrupt();
  const release = onInterrupt(interrupt);
  try {
    let exit: ExitCode = 0;
    for (const prepared of runs) {
      if (interrupt.stopping) break;
      exit = worstExit(exit, await runOne(prepared, command, interrupt));
    }
    return exit;
  } finally {
    release();
  }
}

function selectionOf(command: RunCommandOptions) {
  return {
    tags: { only: command.tags, skip: command.skipTags },
    limit: command.limit,
    startAtTask: command.startAtTask,
  };
}

/** All hosts of a run, in the order of the inventory. */
function hostsOf({ inventory, plays }: SelectedInput): readonly string[] {
  const named = new Set(plays.flatMap(({ hosts }) => hosts));
  return [...new Set([...inventory.hosts.keys(), ...named])].filter((host) => named.has(host));
}

function list(inputs: readonly SelectedInput[], what: NonNullable<RunCommandOptions['list']>): number {
  for (const input of inputs) {
    process.stdout.write(what === 'syntax' ? `${input.playbook.file}: no errors\n` : listing(input, what));
  }
  return 0;
}

async function runOne(
  { input, target, needs, deps }: ReturnType<typeof prepareRun>,
  command: RunCommandOptions,
  interrupt: Interrupt,
): Promise<ExitCode> {
  const { lab, file } = input.playbook;
  const session = openSession(lab, createPrinter({ ...command, terminal: terminalOf(process.stdout, process.env) }));
  session.emit({
    type: 'run-start',
    run: session.run,
    lab,
    playbook: file,
    inventory: input.inventory.source,
    hosts: hostsOf(input),
    check: command.check,
  });
  const take = { lab, run: session.run, holder: holder(), waitMs: command.waitSeconds * 1000 };
  const connected = await connectHosts(input.plays, {
    ...deps(session.emit),
    emit: session.emit,
    interrupt,
    open: agentStreams(connect, target, needs, take, command.confirmSeconds),
  });
  const keeping = new Keeping(connected.links, command.confirmSeconds, session.emit);
  try {
    await runConnected(connected, input.plays);
  } catch (defect) {
    connected.links.abandon();
    throw defect;
  }
  if (command.why && !command.check && !interrupt.stopping) {
    const { reach } = session.report(false);
    const why = await explainRun(reach, connected.links.hosts.map(target), connect, interrupt.signal);
    if (why !== undefined) session.emit({ type: 'why-done', why });
  }
  const patienceMs = keeping.rest();
  const report = session.report(interrupt.stopping);
  await connected.links.close(report.exit, hostSummaries(report), patienceMs);
  await keeping.settle(report.exit, {
    ...take,
    connect: (host, signal) => connect(target(host), signal),
    signal: interrupt.cancelled,
  });
  const settled = session.report(interrupt.stopping);
  session.end(settled);
  return settled.exit;
}
