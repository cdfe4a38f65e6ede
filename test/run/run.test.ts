import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { HostSummary, RunEvent } from '../../controller/report/types.ts';
import type { FakeAgent } from './fake-agent.ts';
import { type CaseOptions, type CaseRun, readCase, runCase } from './harness.ts';

// What vitest's threads have set in their environment, Node's own homedir() does not see.
vi.mock('node:os', async (original) => ({ ...(await original<object>()), homedir: () => process.env.HOME }));

/** What must become of a case; what is left out is not looked at. */
interface Expected {
  readonly exit: number;
  readonly options?: CaseOptions;
  /** Counts that are not 0. */
  readonly hosts?: Record<string, Partial<HostSummary>>;
  readonly failures?: Record<string, Record<string, unknown>>;
  /** `name status` of each host's tasks, in order. */
  readonly tasks?: Record<string, string[]>;
  /** `label status` of each host's loop items. */
  readonly items?: Record<string, string[]>;
  /** What titles tell of each host's tasks: their arguments, and whether they only say what would change. */
  readonly titles?: Record<string, string[]>;
  /** `HOST` or `HOST(ADDRESS)` of those that did each host's tasks for it. */
  readonly delegates?: Record<string, string[]>;
  /** Results that each host's loop items tell. */
  readonly told?: Record<string, unknown[]>;
  /** What each agent received: module and parameters, a list for a loop. */
  readonly sent?: Record<string, unknown[]>;
  readonly lanes?: Record<string, string[]>;
  readonly users?: Record<string, string[]>;
  readonly environments?: Record<string, Record<string, string>[]>;
  readonly flags?: Record<string, string[]>;
  /** What agents received, in steps: in any order within one. */
  readonly received?: string[][];
  /** Arguments in each task's record. */
  readonly args?: Record<string, unknown[]>;
  readonly plays?: string[];
  /** Of no task. */
  readonly warnings?: string[];
  /** Of set_stats. */
  readonly stats?: unknown;
  /** Messages of tasks that ended well, in order, host by host. */
  readonly says?: string[];
  /** Plays that only say what would change. */
  readonly checked?: string[];
  /** What tasks say while they are at work, with each number as N. */
  readonly meanwhile?: string[];
  /** A text that no event and no report holds. */
  readonly never?: string;
  readonly connected?: string[];
}

function sentTo(agent: FakeAgent | undefined): unknown[] {
  return (agent?.received ?? []).map((task) => {
    const params = task.items.map((item) => JSON.parse(item.paramsJson) as unknown);
    return { [task.module]: params.length === 1 ? params[0] : params };
  });
}

const observations: { readonly [K in keyof Expected]?: (run: CaseRun, host: string) => unknown } = {
  hosts: ({ report }, host) =>
    Object.fromEntries(Object.entries(report.hosts[host] ?? {}).filter(([, count]) => count > 0)),
  tasks: ({ report }, host) =>
    report.tasks.filter((task) => task.host === host).map(({ task, status }) => `${task} ${status}`),
  items: ({ events }, host) =>
    events.flatMap((event) =>
      event.type === 'item-done' && event.host === host ? [`${event.label} ${event.status}`] : [],
    ),
  titles: ({ report }, host) =>
    report.tasks
      .filter((task) => task.host === host)
      .map(({ given = '-', check }) => `${given}${check ? ' (check)' : ''}`),
  delegates: ({ report }, host) =>
    report.tasks.flatMap(({ host: own, delegate, delegateAddress }) =>
      own === host && delegate !== undefined ? `${delegate}${delegateAddress ? `(${delegateAddress})` : ''}` : [],
    ),
  told: ({ events }, host) =>
    events.flatMap((event) => (event.type === 'item-done' && event.host === host ? [event.result ?? null] : [])),
  sent: ({ agents }, host) => sentTo(agents.get(host)),
  lanes: ({ agents }, host) => agents.get(host)?.received.map(({ lane }) => lane),
  users: ({ agents }, host) => agents.get(host)?.received.map(({ runAs }) => runAs),
  environments: ({ agents }, host) => agents.get(host)?.received.map(({ environment }) => environment),
  args: ({ report }, host) => report.tasks.filter((task) => task.host === host).map(({ args = null }) => args),
  flags: ({ agents }, host) =>
    agents
      .get(host)
      ?.received.map(({ check, diff }) => [check ? 'check' : '', diff ? 'diff' : ''].filter(Boolean).join(' ')),
};

/** Items that are told before a host's task in front of theirs has ended. */
function strayItems(events: readonly RunEvent[]): readonly RunEvent[] {
  return events.filter((event, at) => {
    if (event.type !== 'item-done') return false;
    const next = events.slice(at).find((other) => other.type === 'task-done' && other.host === event.host);
    return next?.type === 'task-done' && next.task !== event.task;
  });
}

const root = join(import.meta.dirname, 'cases');

describe('run', () => {
  // However busy the machine is: what is sent ahead hangs on how long tasks before it took to evaluate.
  beforeAll(() => vi.spyOn(performance, 'now').mockReturnValue(0));
  afterAll(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  for (const name of readdirSync(root)) {
    it(name, async () => {
      const folder = join(root, name);
      vi.stubEnv('HOME', join(folder, 'home'));
      const expected = readCase<Expected>(folder, 'expected.yml') ?? { exit: 0 };
      const run = await runCase(folder, expected.options ?? {});
      const { report, events } = run;
      for (const [key, observe] of Object.entries(observations)) {
        const wanted = expected[key as keyof Expected] as Record<string, unknown> | undefined;
        if (!wanted) continue;
        const seen = Object.fromEntries(Object.keys(wanted).map((host) => [host, observe(run, host)]));
        expect(seen, key).toEqual(wanted);
      }
      if (expected.failures) expect(report.failures).toMatchObject(expected.failures);
      if (expected.failures) expect(Object.keys(report.failures).sort()).toEqual(Object.keys(expected.failures).sort());
      if (expected.received) {
        const rest = [...run.received];
        const steps = expected.received.map((step) => rest.splice(0, step.length).sort());
        expect([...steps, ...rest]).toEqual(expected.received.map((step) => [...step].sort()));
      }
      expect(strayItems(events)).toEqual([]);
      const plays = events.flatMap((event) => (event.type === 'play-start' ? [event.play] : []));
      if (expected.plays) expect(plays).toEqual(expected.plays);
      const checked = events.flatMap((event) => (event.type === 'play-start' && event.check ? [event.play] : []));
      if (expected.checked) expect(checked).toEqual(expected.checked);
      const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
      if (expected.warnings) expect(warnings).toEqual(expected.warnings);
      if (expected.stats) expect(report.stats).toEqual(expected.stats);
      if (expected.says) {
        // Hosts go on side by side: what they say is in order for each of them only.
        const hosts = Object.keys(report.hosts);
        const inTurn = report.tasks.toSorted((a, b) => hosts.indexOf(a.host) - hosts.indexOf(b.host));
        const said = inTurn.flatMap(({ status, message }) =>
          status === 'ok' && message ? [message.replaceAll(`${folder}/`, '')] : [],
        );
        expect(said).toEqual(expected.says);
      }
      const meanwhile = events.flatMap((event) =>
        event.type === 'task-says' ? [event.text.replace(/[\d.]+$/, 'N')] : [],
      );
      if (expected.meanwhile) expect(meanwhile).toEqual(expected.meanwhile);
      if (expected.connected) expect([...run.agents.keys()]).toEqual(expected.connected);
      if (expected.never) expect(JSON.stringify([events, report])).not.toContain(expected.never);
      expect(report.exit).toBe(expected.exit);
    });
  }
});
