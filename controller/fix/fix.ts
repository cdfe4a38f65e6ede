import { setTimeout as sleep } from 'node:timers/promises';
import { OrchError } from '../../proto/errors.ts';
import type { Connect, Target } from '../connect/types.ts';
import type { ReachCell } from '../report/types.ts';
import type { Confidence, FixReport, Verdict, WhyReport } from '../report/why/why-types.ts';
import type { Interrupt } from '../run/hosts/interrupt.ts';
import { Keeping, type Reaching } from '../run/hosts/keeping.ts';
import { hostSummaries } from '../run/outcomes.ts';
import { type ConnectedRun, runConnected } from '../run/run-playbook.ts';
import type { Session } from '../run/session.ts';
import { chooseMend } from './choose-mend.ts';
import { worseCells } from './compare-cells.ts';
import { measureAgain } from './measure.ts';

/** What a fix works on. */
export interface FixParts {
  readonly lab: string;
  /** The lab's matrix, as its last run measured it: what must not get worse. */
  readonly cells: readonly ReachCell[];
  readonly least: Exclude<Confidence, 'unknown'>;
  /** How long the hosts wait for a word before they go back by themselves. */
  readonly seconds: number;
  readonly session: Session;
  readonly interrupt: Interrupt;
  /** Reaches hosts and takes the lab on them; the streams of one run. */
  readonly connected: ConnectedRun;
  /** Hosts that could not be reached: nothing is tried then, since nobody could tell what it does to them. */
  readonly lost: ReadonlySet<string>;
  readonly target: (host: string) => Target;
  readonly connect: Connect;
  readonly holder: string;
  /** Another fault was met behind those that are mended. */
  readonly tellNext: (verdict: Verdict) => void;
  /** Sends the probe once more, all hosts looking on. Rejects with OrchError. */
  readonly probe: () => Promise<WhyReport>;
}

/** More faults in a row are more than a person would mend without a look in between. */
const mostMends = 5;
/** What a mended way may need to come up: carrier, duplicate address detection, a neighbour that was given up. */
const settleMs = [500, 1500];

interface Tried {
  readonly mended: readonly Verdict[];
  readonly report: WhyReport;
  /** Empty: the probe is answered. */
  readonly reason: string;
  /** A host or a mend failed. */
  readonly failed: boolean;
}

/**
 * Mends what a probe met, one fault after the other, until it is answered. All is one run that its hosts take back unless it
 * is confirmed: it is only where the probe is answered, no cell is worse than before, and all hosts are reached anew.
 */
export async function fix(parts: FixParts, found: WhyReport): Promise<FixReport> {
  const { connected, session, interrupt, seconds, lab, connect, target, holder } = parts;
  const keeping = new Keeping(connected.links, seconds, session.emit);
  const whole = parts.lost.size === 0;
  const before = whole ? await measureAgain(connected.context, parts.cells) : [];
  const tried = whole
    ? await tryMends(parts, found)
    : { mended: [], report: found, reason: lostText(parts), failed: true };
  const after = tried.reason === '' ? await measureAgain(connected.context, parts.cells) : [];
  const worse = await stillWorse(parts, worseCells(before, after));
  if (after.length > 0) session.emit({ type: 'reach-done', cells: after });
  const patienceMs = keeping.rest();
  const reason = interrupt.stopping ? 'it was interrupted' : tried.reason || worseText(worse);
  const exit = interrupt.stopping ? 130 : reason === '' ? 0 : 3;
  await connected.links.close(exit, hostSummaries(session.report(interrupt.stopping)), patienceMs);
  const reaching: Reaching = {
    ...{ lab, run: session.run, holder, signal: interrupt.cancelled },
    connect: (host, signal) => connect(target(host), signal),
  };
  const settlement = await keeping.settle(exit, reaching, reason);
  session.end(session.report(interrupt.stopping));
  return {
    ...{ dryRun: false, lab, run: session.run, mended: tried.mended },
    kept: reason === '' && settlement?.kept !== false,
    reason: reason || (settlement?.reason ?? ''),
    failed: tried.failed || (reason === '' && settlement?.kept === false),
    worse: worse.map(({ from, to, address }) => ({ from, to, address })),
    compared: before.length,
    left: tried.report.verdicts,
  };
}

function lostText({ lost, session }: FixParts): string {
  const { failures } = session.report(false);
  return [...lost].map((host) => `${host}: ${failures[host]?.summary ?? 'it could not be reached'}`).join('; ');
}

async function tryMends(parts: FixParts, found: WhyReport): Promise<Tried> {
  const mended: Verdict[] = [];
  let report = found;
  const end = (reason: string, failed = false): Tried => ({ mended, report, reason, failed });
  while (report.outcome !== 'replied') {
    if (parts.interrupt.stopping) return end('it was interrupted');
    const choice = chooseMend(report.verdicts, parts.least, mended, parts.lab);
    if ('reason' in choice) return end(choice.reason);
    if (mended.length >= mostMends) return end(`${mostMends} mends did not help`);
    const { verdict, host, play } = choice;
    if (mended.length > 0) parts.tellNext(verdict);
    mended.push(verdict);
    await runConnected(parts.connected, [{ play, hosts: [host] }]);
    const failure = parts.session.report(false).failures[host];
    if (failure !== undefined) return end(`the mend failed: ${failure.summary}`, true);
    try {
      report = await probeUntilSettled(parts);
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      return end(`the probe could not be sent again: ${error.summary}`, true);
    }
  }
  return end('');
}

/** The probe after a mend. A way that has to come up first gets a second look, and a third one. Rejects with OrchError. */
async function probeUntilSettled({ probe, interrupt }: FixParts): Promise<WhyReport> {
  let report = await probe();
  for (const pauseMs of settleMs) {
    if (report.outcome === 'replied' || interrupt.stopping) break;
    await sleep(pauseMs);
    report = await probe();
  }
  return report;
}

/** Those that are worse by a second measurement too: a lossy way is no worse for one lost answer. */
async function stillWorse({ connected }: FixParts, worse: readonly ReachCell[]): Promise<readonly ReachCell[]> {
  if (worse.length === 0) return [];
  const again = await measureAgain(connected.context, worse);
  return worseCells(
    worse.map((cell) => ({ ...cell, observed: cell.expected ?? 'reached' })),
    again,
  );
}

function worseText(worse: readonly ReachCell[]): string {
  const [first] = worse;
  if (first === undefined) return '';
  const { from, to, expected } = first;
  const what = expected === 'unreachable' ? 'would answer, and should not' : 'would not answer any more';
  const more = worse.length > 1 ? `, and ${worse.length - 1} more are worse` : '';
  return `${from} -> ${to} ${what}${more}`;
}
