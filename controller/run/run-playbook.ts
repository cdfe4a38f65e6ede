import { registry as actions } from '../actions/registry.gen.ts';
import { anyEntry } from '../playbook/any-entry.ts';
import type { Common, Entry } from '../playbook/types.ts';
import type { RunEvent } from '../report/types.ts';
import { HostState } from './host-state.ts';
import type { Interrupt } from './interrupt.ts';
import { Jobs } from './jobs.ts';
import { type Destination, Links, type OpenStream } from './links.ts';
import { runPlays } from './play.ts';
import type { SelectedPlay } from './play-hosts.ts';
import type { RunContext } from './state.ts';

/** What a run is given from outside: everything that does I/O or knows variables. */
export interface RunDeps
  extends Pick<
    RunContext,
    | 'options'
    | 'includeTasks'
    | 'includeRole'
    | 'findSource'
    | 'readSource'
    | 'connectionUser'
    | 'isLocal'
    | 'playbookDir'
    | 'inventory'
    | 'chooseHosts'
  > {
  readonly open: OpenStream;
  readonly scopes: (state: (host: string) => HostState) => RunContext['scope'];
  readonly emit: (event: RunEvent) => void;
  readonly interrupt: Interrupt;
  readonly steps?: RunContext['steps'];
}

/** A run whose hosts were reached, ready for its plays. */
export interface ConnectedRun {
  readonly context: RunContext;
  readonly links: Links;
}

/** Reaches all hosts that the plays need an agent on; those that can't be reached are out of the run, and told of. */
export async function connectHosts(plays: readonly SelectedPlay[], deps: RunDeps): Promise<ConnectedRun> {
  const { interrupt } = deps;
  const links = new Links(deps.open, interrupt.signal, deps.emit);
  const states = new Map<string, HostState>();
  const host = (name: string): HostState => {
    const state = states.get(name) ?? new HostState(name);
    states.set(name, state);
    return state;
  };
  const context: RunContext = {
    options: deps.options,
    emit: deps.emit,
    interrupt,
    steps: deps.steps,
    host,
    jobs: new Jobs(),
    link: (name, keyword) => links.to({ host: name, local: deps.isLocal(name, keyword) }),
    linkAgain: (name, keyword, signal) => links.again({ host: name, local: deps.isLocal(name, keyword) }, signal),
    leave: (name, keyword) => links.leave({ host: name, local: deps.isLocal(name, keyword) }),
    isLocal: deps.isLocal,
    playbookDir: deps.playbookDir,
    inventory: deps.inventory,
    chooseHosts: deps.chooseHosts,
    connectionUser: deps.connectionUser,
    dropQueued: () => links.dropQueued(),
    scope: deps.scopes(host),
    includeTasks: deps.includeTasks,
    includeRole: deps.includeRole,
    findSource: deps.findSource,
    readSource: deps.readSource,
  };
  interrupt.signal.addEventListener('abort', () => links.dropQueued());
  interrupt.cancelled.addEventListener('abort', () => links.cancel());
  for (const lost of await links.reach(hostsWithAgents(plays, deps.isLocal), tolerated(plays))) host(lost).out = true;
  return { context, links };
}

/** Runs the plays on the hosts that were reached. */
export async function runConnected({ context }: ConnectedRun, plays: readonly SelectedPlay[]): Promise<void> {
  await runPlays(context, plays);
}

/** Hosts of the plays that do more than the workstation can do by itself. */
function hostsWithAgents(plays: readonly SelectedPlay[], isLocal: RunDeps['isLocal']): readonly Destination[] {
  const needed = plays.filter(
    ({ play }) =>
      (play.gatherFacts ?? false) !== false || play.entries.some(needsAgent) || play.handlers.some(needsAgent),
  );
  const destinations = new Map<string, Destination>();
  for (const { play, hosts } of needed) {
    for (const host of hosts) {
      const local = isLocal(host, play.connection?.value);
      destinations.set(`${local} ${host}`, { host, local });
    }
  }
  return [...destinations.values()];
}

/** Hosts whose plays go on without them: a task finds out that they can't be reached. */
function tolerated(plays: readonly SelectedPlay[]): ReadonlySet<string> {
  const ignores = ({ ignoreUnreachable: said }: Common) => said !== undefined && said.value !== false;
  const awaits = (entry: Entry) => entry.kind === 'task' && actions.get(entry.module)?.awaitsHost === true;
  const tolerant = plays.filter(({ play }) => {
    const entries = [...play.entries, ...play.handlers];
    return play.around.some(ignores) || anyEntry(entries, ignores) || anyEntry(entries, awaits);
  });
  return new Set(tolerant.flatMap(({ hosts }) => hosts));
}

function needsAgent(entry: Entry): boolean {
  if (entry.kind === 'block') return [...entry.block, ...entry.rescue, ...entry.always].some(needsAgent);
  if (entry.kind === 'include') return entry.entries?.some(needsAgent) ?? true;
  return actions.get(entry.module)?.local !== true;
}
