import { isDeepStrictEqual } from 'node:util';
import type { DaemonSpec, DaemonState } from '../linux/daemons/spec.ts';
import { type Action, defineModule, type Plan } from './module.ts';
import { type DaemonParams, daemonNeeds, daemonParams, daemonSpec } from './shared/daemon.ts';
import { placed, requireNetns } from './shared/place.ts';

interface Current {
  readonly daemon: DaemonState | undefined;
  /** The user that the task's commands belong to. */
  readonly taskUser: string | undefined;
}

type View = Readonly<Record<string, unknown>>;

const absent: View = { state: 'absent' };

function live(daemon: DaemonState): boolean {
  return ['starting', 'running', 'waiting'].includes(daemon.phase);
}

/** A definition for the diff, in the task's words. Values of variables may be secret: only that they differ is shown. */
function specView(spec: DaemonSpec, before: DaemonSpec | undefined): View {
  const { argv, cwd, restart, backoff, ready } = spec;
  const environment = Object.entries(spec.environment).map(([key, value]) => {
    const other = before !== undefined && before.environment[key] !== undefined && before.environment[key] !== value;
    return [key, other ? '(not shown, another value)' : '(not shown)'];
  });
  return {
    ...{ argv, cwd, restart, backoff, ready },
    environment: Object.fromEntries(environment),
    run_as: spec.runAs ?? 'root',
    give_up: spec.giveUp,
    stop_signal: spec.stopSignal,
    stop_timeout: spec.stopTimeout,
    log_limit: spec.logLimit,
  };
}

function stateView(daemon: DaemonState | undefined): View {
  if (daemon === undefined) return absent;
  const { phase, ended, spec } = daemon;
  return { state: ended === '' || phase === 'running' ? phase : `${phase}: ${ended}`, ...specView(spec, undefined) };
}

/** What brings back a daemon as it was, or its absence. */
function restoring({ name, netns }: DaemonParams, daemon: DaemonState | undefined): Action {
  if (daemon === undefined) return { op: 'daemon-remove', name, netns };
  return { op: 'daemon', daemon: daemon.spec, run: live(daemon) };
}

function planStarted(params: DaemonParams, { daemon, taskUser }: Current): Plan {
  const spec = daemonSpec(params, taskUser);
  const object = `daemon ${placed(params.netns, params.name)}`;
  const before = stateView(daemon);
  const after = { state: 'running', ...specView(spec, daemon?.spec) };
  if (daemon?.phase === 'running' && isDeepStrictEqual(plain(daemon.spec), plain(spec))) {
    const { pid, restarts } = daemon;
    return { steps: [], before, after, result: { pid, restarts } };
  }
  const undo = [restoring(params, daemon)];
  return { steps: [{ object, action: { op: 'daemon', daemon: spec, run: true }, undo }], before, after };
}

function planNotStarted(params: DaemonParams, { daemon }: Current): Plan {
  const { name, netns, state } = params;
  const object = `daemon ${placed(netns, name)}`;
  const before = stateView(daemon);
  const settled = daemon === undefined || (state === 'stopped' && !live(daemon));
  if (settled) return { steps: [], before, after: before };
  const undo = [restoring(params, daemon)];
  if (state === 'stopped') {
    const step = { object, action: { op: 'daemon', daemon: daemon.spec, run: false } as const, undo };
    return { steps: [step], before, after: { ...before, state: 'stopped' } };
  }
  const step = { object, action: { op: 'daemon-remove', name, netns } as const, undo, removes: true };
  return { steps: [step], before, after: absent };
}

/** Without the keys that are undefined, as the record on disk keeps it. */
function plain(spec: DaemonSpec): unknown {
  return JSON.parse(JSON.stringify(spec));
}

export const module = defineModule({
  name: 'daemon',
  form: 'converge',
  summary: 'Keeps a program running in a namespace: a routing daemon, a DNS or DHCP server, iperf3.',
  notes:
    'The agent supervises it: it runs in a session of its own, is started again as `restart` says, and outlives the agent; ' +
    'the next one takes it over. A changed definition restarts it, and one that died is started again by the next run. ' +
    '`orch logs HOST/NETNS NAME` shows what it wrote, `orch status` how it is. `orch destroy`, and a `netns` task that ' +
    'removes its namespace, end it with all processes it started. See docs/daemons.md.',
  examples: [
    'daemon:\n  name: web\n  netns: ns01\n  argv: [python3, -m, http.server, "8000"]\n  ready: { port: 8000 }',
    'daemon:\n  name: iperf\n  netns: ns02\n  cmd: iperf3 -s -p 5201\n  restart: always',
    'daemon:\n  name: bird\n  cmd: bird -f -c /etc/bird/lab.conf\n  ready: { log: "Started", timeout: 10 }\n  backoff: { initial: 0.5, max: 10 }\n  give_up: { restarts: 3, within: 60 }',
    'daemon:\n  name: web\n  netns: ns01\n  state: absent',
  ],
  params: daemonParams,

  objects: ({ netns, name }) => [`daemon ${placed(netns, name)}`],

  needs: daemonNeeds,

  async read(params, host): Promise<Current> {
    if (params.state === 'started') await requireNetns(host, params.netns);
    return { daemon: await host.daemon(params.name, params.netns), taskUser: host.runAs };
  },

  plan(params, current) {
    return params.state === 'started' ? planStarted(params, current) : planNotStarted(params, current);
  },
});
