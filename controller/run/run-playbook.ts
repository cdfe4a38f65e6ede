import type { Entry } from '../playbook/types.ts';
import { isTemplate } from '../playbook/values/template-check.ts';
import type { RunEvent } from '../report/types.ts';
import type { HostState } from './hosts/host-state.ts';
import { HostStates } from './hosts/host-states.ts';
import type { Interrupt } from './hosts/interrupt.ts';
import { type Destination, Links, type OpenStream } from './hosts/links.ts';
import type { SelectedPlay } from './input/play-hosts.ts';
import type { RunContext } from './state.ts';
import { actionOf } from './task/action-of.ts';
import { Jobs } from './task/jobs.ts';
import { runPlays } from './walk/play.ts';
import { Turns } from './walk/turns.ts';

/** What a run is given from outside: everything that does I/O or knows variables. */
export interface RunDeps
  extends Pick<
    RunContext,
    | 'options'
    | 'includeTasks'
    | 'includeRole'
    | 'findSource'
    | 'readSource'
    | 'openSource'
    | 'connectionUser'
    | 'isLocal'
    | 'playbookDir'
    | 'inventory'
    | 'chooseHosts'
    | 'factCache'
  > {
  readonly open: OpenStream;
  readonly scopes: (state: (host: string) => HostState) => RunContext['scope'];
  readonly emit: (event: RunEvent) => void;
  readonly interrupt: Interrupt;
  readonly steps?: RunContext['steps'];
  /** What runs before it have learned of hosts. */
  readonly states?: HostStates | undefined;
}

/** A run whose hosts were reached, ready for its plays. */
export interface ConnectedRun {
  readonly context: RunContext;
  readonly links: Links;
  /** What is known of hosts. */
  readonly states: HostStates;
}

/** Reaches all hosts that the plays need. Of those that can't be reached a task tells; those that lack something are out. */
export async function connectHosts(plays: readonly SelectedPlay[], deps: RunDeps): Promise<ConnectedRun> {
  const { interrupt } = deps;
  const links = new Links(deps.open, interrupt.signal, deps.emit);
  const states = deps.states ?? new HostStates(deps.factCache);
  states.goOn();
  const host = states.of;
  const context: RunContext = {
    options: deps.options,
    emit: deps.emit,
    interrupt,
    steps: deps.steps,
    turns: turnsOf(plays, deps.options.mostAtOnce),
    host,
    factCache: deps.factCache,
    progress: { ended: false },
    jobs: new Jobs(),
    link: (name, said) => links.to({ host: name, local: deps.isLocal(name, said) }),
    linkAgain: (name, said, signal) => links.again({ host: name, local: deps.isLocal(name, said) }, signal),
    retry: (names) => links.retry(names),
    leave: (name, said) => links.leave({ host: name, local: deps.isLocal(name, said) }),
    isLocal: deps.isLocal,
    playbookDir: deps.playbookDir,
    inventory: deps.inventory,
    chooseHosts: deps.chooseHosts,
    connectionUser: deps.connectionUser,
    dropBatches: () => links.dropQueued(true),
    scope: deps.scopes(host),
    includeTasks: deps.includeTasks,
    includeRole: deps.includeRole,
    findSource: deps.findSource,
    readSource: deps.readSource,
    openSource: deps.openSource,
  };
  interrupt.signal.addEventListener('abort', () => links.dropQueued());
  interrupt.cancelled.addEventListener('abort', () => links.cancel());
  for (const lost of await links.reach(hostsWithAgents(plays, deps.isLocal), { quiet: true })) host(lost).out = true;
  return { context, links, states };
}

/** What keeps hosts to so many at the same time, where there are more. */
function turnsOf(plays: readonly SelectedPlay[], most = Number.POSITIVE_INFINITY): Turns | undefined {
  return new Set(plays.flatMap(({ hosts }) => hosts)).size > most ? new Turns(most) : undefined;
}

/** Runs the plays on the hosts that were reached. */
export async function runConnected(run: ConnectedRun, plays: readonly SelectedPlay[]): Promise<void> {
  const { context, states } = run;
  await runPlays(context, plays);
  try {
    context.factCache?.keep(states.all(), context.inventory.current.hosts.keys());
  } catch (error) {
    const { message } = error as Error;
    context.emit({ type: 'warning', message: `facts are not kept for later runs: ${message}` });
  }
}

/** Hosts of the plays that do more than the workstation can do by itself. */
function hostsWithAgents(plays: readonly SelectedPlay[], isLocal: RunDeps['isLocal']): readonly Destination[] {
  const destinations = new Map<string, Destination>();
  for (const { play, hosts } of plays) {
    // Tasks will tell by then.
    if (play.vars.has('ansible_connection') || (play.connection && isTemplate(play.connection.value))) continue;
    const needed = play.entries.some(needsAgent) || play.handlers.some(needsAgent);
    for (const host of hosts) {
      const local = isLocal(host, { keyword: play.connection?.value });
      const gathers = play.gatherFacts ?? !local;
      if (needed || gathers !== false) destinations.set(`${local} ${host}`, { host, local });
    }
  }
  return [...destinations.values()];
}

/** Whether a host is surely asked for: what says its connection itself may ask the workstation. */
function needsAgent(entry: Entry): boolean {
  if (entry.vars.has('ansible_connection')) return false;
  if (entry.kind === 'block') return [...entry.block, ...entry.rescue, ...entry.always].some(needsAgent);
  if (entry.kind === 'include') return entry.entries?.some(needsAgent) ?? true;
  return actionOf(entry)?.local !== true;
}
