import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadInventory } from '../../controller/inventory/load-inventory.ts';
import { matchHosts } from '../../controller/inventory/select-hosts.ts';
import { parsePlaybook } from '../../controller/playbook/parse/parse-playbook.ts';
import { growsInventory } from '../../controller/playbook/plays/grows-inventory.ts';
import { selectTags } from '../../controller/playbook/plays/select-tags.ts';
import { createCollector } from '../../controller/report/run/collect.ts';
import { readReport } from '../../controller/report/run/report-json.ts';
import type { Report, RunEvent } from '../../controller/report/types.ts';
import { Interrupt } from '../../controller/run/hosts/interrupt.ts';
import type { OpenStream } from '../../controller/run/hosts/links.ts';
import { parseDeps } from '../../controller/run/input/parse-deps.ts';
import { ordered, playHosts, type SelectedPlay } from '../../controller/run/input/play-hosts.ts';
import { withRenderedTags } from '../../controller/run/input/render-tags.ts';
import { includes, sources } from '../../controller/run/input/task-files.ts';
import { VarsFiles } from '../../controller/run/input/vars-files.ts';
import { lookupOf, lookupsFor } from '../../controller/run/lookups/lookups.ts';
import { connectHosts, runConnected } from '../../controller/run/run-playbook.ts';
import { createScopes } from '../../controller/run/task/scopes.ts';
import { Steps } from '../../controller/run/walk/steps.ts';
import { OrchError, OrchErrors } from '../../proto/errors.ts';
import { type CannedAnswer, FakeAgent } from './fake-agent.ts';

interface AgentCase {
  readonly answers?: readonly CannedAnswer[];
  /** Answers nothing before so many tasks have come. */
  readonly patience?: number;
  /** Answers nothing before another host's agent has received so many tasks. */
  readonly waits_for?: { readonly host: string; readonly tasks: number };
  readonly unreachable?: string;
  readonly held_by?: string;
  /** What is there when it is reached anew, the last one for good. */
  readonly again?: readonly AgentCase[];
}

export interface CaseOptions {
  readonly check?: boolean;
  readonly diff?: boolean;
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
  readonly login?: string;
  readonly verbosity?: number;
  readonly tellsArgs?: boolean;
  readonly forks?: number;
  /** What a person answers before each task. */
  readonly steps?: readonly string[];
  readonly interruptAfter?: { readonly host: string; readonly tasks: number; readonly times?: number };
}

/** What became of a case. */
export interface CaseRun {
  readonly report: Report;
  readonly events: readonly RunEvent[];
  readonly agents: ReadonlyMap<string, FakeAgent>;
  /** `host params` of all tasks, in the order in which agents received them. */
  readonly received: readonly string[];
}

function stepsOf(answers: string[]): Steps {
  return new Steps(async () => answers.shift(), new Interrupt());
}

/** Reads a YAML file of a case; undefined when there is none. */
export function readCase<T>(folder: string, file: string): T | undefined {
  const path = join(folder, file);
  return existsSync(path) ? (parse(readFileSync(path, 'utf8')) as T) : undefined;
}

/** A case's playbook, its inventory, and what the command line's tags select of it. */
function loadCase(folder: string, { tags = [], skipTags = [] }: CaseOptions) {
  const file = join(folder, 'playbook.yml');
  const own = join(folder, 'inventory.yml');
  const hosts = loadInventory([existsSync(own) ? own : join(folder, '../../inventory.yml')], file);
  const { inventory, live } = hosts;
  const { playbook: whole, errors } = parsePlaybook(file, parseDeps());
  if (errors.length + hosts.errors.length > 0) throw new OrchErrors([...hosts.errors, ...errors]);
  const selection = { only: tags, skip: skipTags };
  const playbook = selectTags(withRenderedTags(whole, { extraVars: new Map(), inventory }), selection);
  const plays = playbook.plays.map((play): SelectedPlay => {
    const pattern = playHosts(play, new Map(), { inventory, grows: growsInventory(whole) });
    if (!pattern) return { play, hosts: [], pattern: play.hosts };
    return { play: { ...play, hosts: pattern }, hosts: ordered(matchHosts(inventory, pattern).hosts, play.order) };
  });
  return { file, inventory, live, selection, lab: playbook.lab, plays };
}

/** The agents of a case, as agents.yml says them; made when their hosts are reached. */
class CaseAgents {
  readonly agents = new Map<string, FakeAgent>();
  readonly received: string[] = [];
  readonly #cases: Readonly<Record<string, AgentCase>>;
  readonly #isKnown: (host: string) => boolean;
  readonly #opened = new Map<string, number>();
  /** Called after each task that an agent has received. */
  readonly #onTask: (host: string, count: number) => void;

  constructor(folder: string, isKnown: (host: string) => boolean, onTask: (host: string, count: number) => void) {
    this.#cases = readCase<Record<string, AgentCase>>(folder, 'agents.yml') ?? {};
    this.#isKnown = isKnown;
    this.#onTask = onTask;
  }

  readonly open: OpenStream = async (named, _signal, local) => {
    // What the workstation does in a host's place has answers of its own.
    const host = local ? `${named} (local)` : named;
    const present = this.#present(host);
    const { answers = [], patience = 0, waits_for, unreachable, held_by } = present ?? {};
    if (!this.#isKnown(named) && !present) throw new OrchError({ code: 'unknown-host', summary: `No host "${host}".` });
    if (unreachable) throw new OrchError({ code: 'host-unreachable', summary: unreachable });
    if (held_by) throw new OrchError({ code: 'lab-locked', summary: `Lab is held by ${held_by}.` });
    const agent = new FakeAgent(answers, waits_for ? Number.POSITIVE_INFINITY : patience);
    this.agents.set(host, agent);
    agent.onTask = ({ items }) => {
      const params = items.map(({ paramsJson }) => Object.values(JSON.parse(paramsJson)).join(' '));
      this.received.push(`${host} ${params.join(', ')}`);
      this.#startThoseThatWait(host, agent.received.length);
      this.#onTask(host, agent.received.length);
    };
    return { stream: agent, transport: 'tls', warm: true, close: async () => {} };
  };

  /** What is there this time that the host is reached. */
  #present(host: string): AgentCase | undefined {
    const turn = this.#opened.get(host) ?? 0;
    this.#opened.set(host, turn + 1);
    const first = this.#cases[host];
    const again = first?.again ?? [];
    return turn === 0 ? first : (again[Math.min(turn, again.length) - 1] ?? first);
  }

  #startThoseThatWait(host: string, count: number): void {
    for (const [name, { waits_for }] of Object.entries(this.#cases)) {
      if (waits_for?.host === host && waits_for.tasks === count) this.agents.get(name)?.start();
    }
  }
}

/** Runs a case's playbook with the real parser, variables and engine, on agents in this process. */
export async function runCase(folder: string, options: CaseOptions): Promise<CaseRun> {
  const { check = false, diff = false, verbosity = 0, tellsArgs = false, forks, login } = options;
  const { file, inventory, live, selection, lab, plays } = loadCase(folder, options);
  const interrupt = new Interrupt();
  const { agents, received, open } = new CaseAgents(
    folder,
    (host) => live.current.hosts.has(host),
    (host, count) => {
      const { interruptAfter } = options;
      if (interruptAfter?.host !== host || interruptAfter.tasks !== count) return;
      for (let i = 0; i < (interruptAfter.times ?? 1); i++) setTimeout(() => interrupt.press(), 20 * (i + 1));
    },
  );
  const collector = createCollector();
  const events: RunEvent[] = [];
  const emit = (event: RunEvent): void => {
    events.push(event);
    collector.add(event);
  };
  const hosts = [...new Set(plays.flatMap((play) => play.hosts))];
  emit({ type: 'run-start', run: 'test', lab, playbook: file, inventory: inventory.source, hosts, check });
  const varsFiles = new VarsFiles();
  const connected = await connectHosts(plays, {
    options: {
      ...{ check, diff, verbosity, tellsArgs, mostAtOnce: forks },
      ...{ become: false, becomeUser: 'root', forceHandlers: false },
    },
    open,
    emit,
    interrupt,
    steps: options.steps && stepsOf([...options.steps]),
    isLocal: (_, said) => (said?.variable ?? said?.keyword) === 'local',
    playbookDir: folder,
    inventory: live,
    chooseHosts: (pattern) => matchHosts(live.current, pattern),
    ...includes(selection, new Map()),
    ...sources(folder),
    connectionUser: () => ({ login: login ?? '', loginSaid: false, become: undefined, becomeUser: undefined }),
    scopes: createScopes({
      inventory: live,
      playbook: file,
      extraVars: new Map(),
      commandLine: { check, diff, tags: selection.only, skipTags: selection.skip, limit: undefined, verbosity, forks },
      connections: { user: login, timeoutSeconds: 10 },
      warn: (message) => emit({ type: 'warning', message }),
      lookups: lookupsFor,
      lookupOf,
      varsFiles: (play, render) => varsFiles.of(play, render),
    }),
  });
  await runConnected(connected, plays);
  const report = readReport(collector.report({ startedAt: '', durationMs: 0, interrupted: interrupt.stopping }));
  await connected.links.close(report.exit, () => ({}));
  return { report, events, agents, received };
}
