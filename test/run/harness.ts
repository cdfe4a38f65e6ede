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

/** Runs a case's playbook with the real parser, variables and engine, on agents in this process. */
export async function runCase(folder: string, options: CaseOptions): Promise<CaseRun> {
  const file = join(folder, 'playbook.yml');
  const own = join(folder, 'inventory.yml');
  const {
    inventory,
    live,
    errors: wrongHosts,
  } = loadInventory([existsSync(own) ? own : join(folder, '../../inventory.yml')], file);
  const { playbook: whole, errors } = parsePlaybook(file, parseDeps());
  if (errors.length + wrongHosts.length > 0) throw new OrchErrors([...wrongHosts, ...errors]);
  const selection = { only: options.tags ?? [], skip: options.skipTags ?? [] };
  const playbook = selectTags(withRenderedTags(whole, { extraVars: new Map(), inventory }), selection);
  const plays = playbook.plays.map((play): SelectedPlay => {
    const hosts = playHosts(play, new Map(), { inventory, grows: growsInventory(whole) });
    if (!hosts) return { play, hosts: [], pattern: play.hosts };
    return { play: { ...play, hosts }, hosts: ordered(matchHosts(inventory, hosts).hosts, play.order) };
  });

  const cases = readCase<Record<string, AgentCase>>(folder, 'agents.yml') ?? {};
  const agents = new Map<string, FakeAgent>();
  const opened = new Map<string, number>();
  const received: string[] = [];
  const interrupt = new Interrupt();
  const collector = createCollector();
  const events: RunEvent[] = [];
  const emit = (event: RunEvent): void => {
    events.push(event);
    collector.add(event);
  };
  const open: OpenStream = async (named, _signal, local) => {
    // What the workstation does in a host's place has answers of its own.
    const host = local ? `${named} (local)` : named;
    const turn = opened.get(host) ?? 0;
    opened.set(host, turn + 1);
    const again = cases[host]?.again ?? [];
    const present = turn === 0 ? cases[host] : (again[Math.min(turn, again.length) - 1] ?? cases[host]);
    const { answers = [], patience = 0, waits_for, unreachable, held_by } = present ?? {};
    if (!live.current.hosts.has(named) && !present)
      throw new OrchError({ code: 'unknown-host', summary: `No host "${host}".` });
    if (unreachable) throw new OrchError({ code: 'host-unreachable', summary: unreachable });
    if (held_by) throw new OrchError({ code: 'lab-locked', summary: `Lab is held by ${held_by}.` });
    const agent = new FakeAgent(answers, waits_for ? Number.POSITIVE_INFINITY : patience);
    agents.set(host, agent);
    agent.onTask = (task) => {
      received.push(
        `${host} ${task.items.map((item) => Object.values(JSON.parse(item.paramsJson)).join(' ')).join(', ')}`,
      );
      for (const [name, other] of Object.entries(cases)) {
        if (other.waits_for?.host === host && agent.received.length === other.waits_for.tasks)
          agents.get(name)?.start();
      }
      const { interruptAfter } = options;
      if (interruptAfter?.host !== host || agent.received.length !== interruptAfter.tasks) return;
      for (let i = 0; i < (interruptAfter.times ?? 1); i++) setTimeout(() => interrupt.press(), 20 * (i + 1));
    };
    return { stream: agent, transport: 'tls', warm: true, close: async () => {} };
  };

  const settings = { check: options.check ?? false, diff: options.diff ?? false };
  const { verbosity = 0, tellsArgs = false, forks } = options;
  const varsFiles = new VarsFiles();
  const hosts = [...new Set(plays.flatMap((play) => play.hosts))];
  emit({
    type: 'run-start',
    run: 'test',
    lab: playbook.lab,
    playbook: file,
    inventory: inventory.source,
    hosts,
    check: settings.check,
  });
  const connected = await connectHosts(plays, {
    options: {
      ...settings,
      ...{ become: false, becomeUser: 'root', forceHandlers: false, verbosity, tellsArgs, mostAtOnce: forks },
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
    connectionUser: () => ({ login: options.login ?? '', loginSaid: false, become: undefined, becomeUser: undefined }),
    scopes: createScopes({
      inventory: live,
      playbook: file,
      extraVars: new Map(),
      commandLine: { ...settings, tags: selection.only, skipTags: selection.skip, limit: undefined, verbosity, forks },
      connections: { user: options.login, timeoutSeconds: 10 },
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
