import { connect } from '../connect/connect.ts';
import type { Target } from '../connect/types.ts';
import type { ExitCode, ReachCell, RunEvent } from '../report/types.ts';
import { agentStreams, holder } from '../run/hosts/agents.ts';
import type { Interrupt } from '../run/hosts/interrupt.ts';
import { Keeping } from '../run/hosts/keeping.ts';
import type { SelectedInput } from '../run/input/input.ts';
import type { PreparedRun } from '../run/input/prepare.ts';
import { hostSummaries } from '../run/outcomes.ts';
import { connectHosts, runConnected } from '../run/run-playbook.ts';
import { openSession } from '../run/session.ts';
import { setRunFlags } from '../v8-flags.ts';
import { unnamedPatienceS } from './given-options.ts';
import type { RunCommandOptions } from './run-options.ts';

/** How long an agent with jobs is waited for at the end. */
const jobPatienceMs = 500;

/** All hosts of a run, in the order of the inventory. */
function hostsOf({ inventory, plays }: SelectedInput): readonly string[] {
  const named = new Set(plays.flatMap(({ hosts }) => hosts));
  return [...new Set([...inventory.hosts.keys(), ...named])].filter((host) => named.has(host));
}

/** Loaded when a run has measured something. */
async function explained(...[cells, targets, signal]: [readonly ReachCell[], readonly Target[], AbortSignal]) {
  const { explainRun } = await import('../run/explain.ts');
  return explainRun(cells, targets, connect, signal);
}

/** Runs one playbook that is known to be good; `print` hears what happens. Gives the exit code. */
export async function runPrepared(
  { input, target, needs, deps }: PreparedRun,
  command: Pick<RunCommandOptions, 'check' | 'waitSeconds' | 'confirmSeconds' | 'why'>,
  interrupt: Interrupt,
  print: (event: RunEvent) => void,
): Promise<ExitCode> {
  const { lab, labSaid, file } = input.playbook;
  const session = openSession(lab, print);
  session.emit({
    type: 'run-start',
    run: session.run,
    lab,
    playbook: file,
    inventory: input.inventory.source,
    hosts: hostsOf(input),
    check: command.check,
    plays: input.playbook.plays.length,
  });
  const waitMs = (command.waitSeconds ?? (labSaid ? 0 : unnamedPatienceS)) * 1000;
  const take = { lab, run: session.run, holder: holder(), waitMs };
  const connected = await connectHosts(input.plays, {
    ...deps(session.emit),
    emit: session.emit,
    interrupt,
    open: agentStreams(connect, target, needs, take, command.confirmSeconds, session.emit),
  });
  setRunFlags();
  const keeping = new Keeping(connected.links, command.confirmSeconds, session.emit);
  try {
    await runConnected(connected, input.plays);
  } catch (defect) {
    connected.links.abandon();
    throw defect;
  }
  if (command.why && !command.check && !interrupt.stopping) {
    const { reach } = session.report(false);
    const why =
      reach.length > 0 ? await explained(reach, connected.links.hosts.map(target), interrupt.signal) : undefined;
    if (why !== undefined) session.emit({ type: 'why-done', why });
  }
  // An agent says its last word when its jobs have ended: they go on without us.
  const patienceMs = connected.context.jobs.running ? jobPatienceMs : keeping.rest();
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
