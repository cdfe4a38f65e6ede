import { cleanLine } from './clean.ts';
import { count, duration } from './format.ts';
import { mixedRuns } from './run/mixed-runs.ts';
import { type RestoredLab, restoredText } from './run/restored-text.ts';
import { columnsText } from './runs-text.ts';
import type { Style } from './style.ts';
import type { Failure } from './types.ts';
import { pad, width } from './width.ts';

/** What one lab has on one host. */
export interface LabStatus {
  readonly lab: string;
  /** In words, in the order in which they were made: "link ns01/ipvlan1". */
  readonly objects: readonly string[];
  /** The last run there and its exit code; empty: none ended yet. */
  readonly lastRun: string;
  readonly lastExit: number;
  /** Empty: no run is under way. */
  readonly heldBy: string;
  /** A run that is taken back unless it is confirmed. */
  readonly waiting?: { readonly run: string; readonly remainingMs: number; readonly prepared: boolean } | undefined;
  /** How the last run that had to be confirmed ended. */
  readonly settled?: { readonly run: string; readonly kept: boolean; readonly reason: string } | undefined;
  /** How it was brought back when the host was started the last time. */
  readonly restored?: RestoredLab | undefined;
}

export interface AgentStatus {
  readonly version: string;
  readonly mode: string;
  readonly transport: 'tls' | 'tunnel';
  readonly uptimeMs: number;
  readonly rssBytes: number;
  readonly kernel: string;
  readonly node: string;
}

/** One supervised process. */
export interface DaemonStatus {
  /** "ns01/web", or "web" in the host's own namespace. */
  readonly name: string;
  /** starting, running, waiting (for its restart), exited, failed or stopped. */
  readonly phase: string;
  /** 0 when it does not run. */
  readonly pid: number;
  readonly uptimeMs: number;
  readonly restarts: number;
  /** How it ended last; empty: it never did. */
  readonly ended: string;
}

/** One host in `orch status`. */
export interface HostStatus {
  readonly host: string;
  /** other-version: an agent that this controller would replace, so it was not spoken to. */
  readonly state: 'serving' | 'absent' | 'other-version' | 'unreachable';
  readonly agent?: AgentStatus;
  readonly labs: readonly LabStatus[];
  readonly daemons: readonly DaemonStatus[];
  readonly failure?: Failure;
}

const mostObjects = 6;

const silent: Readonly<Record<'absent' | 'other-version', string>> = {
  absent: 'no agent: nothing of orch is there, or it was never used',
  'other-version': 'an agent of another version serves; the next run replaces it',
};

function agentCells({ host, agent }: HostStatus): string[] {
  if (!agent) return [cleanLine(host), '', '', '', '', ''];
  const { version, mode, transport, uptimeMs, rssBytes, kernel } = agent;
  const memory = `${Math.round(rssBytes / 1_048_576)} MB`;
  return [host, `${version} ${mode}`, duration(uptimeMs), memory, transport, kernel].map(cleanLine);
}

function labLines(lab: LabStatus, all: boolean, style: Style): string[] {
  const shown = all ? lab.objects : lab.objects.slice(0, mostObjects);
  const rest = lab.objects.length - shown.length;
  const last = lab.lastRun === '' ? 'no run ended yet' : `last run ${lab.lastRun}, exit ${lab.lastExit}`;
  const held = lab.heldBy === '' ? '' : `, held by ${lab.heldBy}`;
  const owns = lab.objects.length === 0 ? 'owns nothing' : `owns ${count(lab.objects.length, 'object')}`;
  const line = cleanLine(`  lab ${lab.lab}: ${owns}; ${last}${held}`);
  return [
    lab.lastRun !== '' && lab.lastExit !== 0 ? style.bad(line) : line,
    ...confirmLines(lab, style),
    ...restoredLines(lab, style),
    ...shown.map((object) => `    ${cleanLine(object)}`),
    ...(rest > 0 ? [`    and ${rest} more (-v shows all)`] : []),
  ];
}

function daemonLine(daemon: DaemonStatus, style: Style): string {
  const { name, phase, pid, uptimeMs, restarts, ended } = daemon;
  const running = pid === 0 ? '' : `, pid ${pid}, up ${duration(uptimeMs)}`;
  const again = restarts === 0 ? '' : `, ${count(restarts, 'restart')}`;
  const why = ended === '' ? '' : `, ended last ${ended}`;
  const line = cleanLine(`  daemon ${name}: ${phase}${running}${again}${why}`);
  return phase === 'failed' ? style.bad(line) : line;
}

function confirmLines({ waiting, settled, lastRun }: LabStatus, style: Style): string[] {
  if (waiting !== undefined) {
    const left = duration(waiting.remainingMs);
    const line = `    run ${waiting.run} is taken back in ${left}: orch confirm keeps it, orch rollback takes it back now`;
    return [style.note(cleanLine(line))];
  }
  if (settled === undefined || settled.kept || settled.run !== lastRun) return [];
  return [style.note(cleanLine(`    run ${settled.run} was taken back: ${settled.reason}`))];
}

function restoredLines({ restored }: LabStatus, style: Style): string[] {
  if (restored === undefined) return [];
  const line = `    ${cleanLine(restoredText(restored))}`;
  return [restored.failed.length === 0 ? style.note(line) : style.bad(line)];
}

function mixedLines(hosts: readonly HostStatus[], style: Style): string[] {
  const ends = hosts.flatMap(({ host, labs }) =>
    labs.flatMap(({ lastRun, settled }) => (settled?.run === lastRun ? [{ host, ...settled }] : [])),
  );
  return mixedRuns(ends).map(({ run, said }) => {
    const line = `${said}: take it back everywhere with \`orch rollback ${run}\`, or run the playbook again`;
    return style.bad(cleanLine(line));
  });
}

function hostLines(status: HostStatus, row: string, name: string, all: boolean, style: Style): string[] {
  if (status.state === 'serving') {
    const labs = status.labs.flatMap((lab) => labLines(lab, all, style));
    const daemons = status.daemons.map((daemon) => daemonLine(daemon, style));
    return [style.good(row), ...(labs.length === 0 ? ['  no lab owns anything'] : labs), ...daemons];
  }
  if (status.state !== 'unreachable') return [`${name}  ${silent[status.state]}`];
  const { summary = '', code = '', hint } = status.failure ?? {};
  const reason = `${style.bad(`${name}  unreachable`)}: ${cleanLine(summary)} [${code}]`;
  return [reason, ...(hint === undefined ? [] : [`  hint: ${cleanLine(hint)}`])];
}

/** All hosts: agent, version, uptime, memory, what each lab owns there, and why a host could not be asked. */
export function statusText(hosts: readonly HostStatus[], all: boolean, style: Style): string {
  const head = ['HOST', 'AGENT', 'UPTIME', 'MEMORY', 'BY', 'KERNEL'];
  const [heading = '', ...rows] = columnsText([head, ...hosts.map(agentCells)]);
  const names = ['HOST', ...hosts.map(({ host }) => cleanLine(host))];
  const widest = Math.max(...names.map(width));
  const lines = hosts.flatMap((status, index) =>
    hostLines(status, rows[index] ?? '', pad(names[index + 1] ?? '', widest), all, style),
  );
  const serving = hosts.filter(({ state }) => state === 'serving').length;
  const mixed = mixedLines(hosts, style);
  return `${[style.strong(heading), ...lines, '', ...mixed, `${serving} of ${count(hosts.length, 'agent')} serving`].join('\n')}\n`;
}
