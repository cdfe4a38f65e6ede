import type { Host } from '../../../linux/host.ts';
import { runFping } from './fping.ts';
import { type KernelRoute, kernelRoute, refusalText } from './kernel-route.ts';
import { runPing } from './ping.ts';
import { type Answers, type ProbeSettings, rttOf, type TargetResult, type ToolResult } from './types.ts';

/** One namespace's questions. */
export interface Place {
  readonly netns?: string | undefined;
  readonly source?: string | undefined;
  readonly targets: readonly string[];
}

export interface Measured {
  readonly tool: 'fping' | 'ping' | 'none';
  readonly targets: readonly TargetResult[];
}

const cannotAssign = 'Cannot assign requested address';

function silence(answers: Answers, source: string | undefined): string {
  if (answers.message === undefined) return 'no reply';
  const from = / from (\S+)$/.exec(answers.message)?.[1];
  return from !== undefined && from === source ? `${answers.message}, itself: no neighbour answers` : answers.message;
}

/** One cell out of what the tool saw and what the kernel says about the way there. */
function targetResult(address: string, answers: Answers, route: KernelRoute, count: number): TargetResult {
  const source = 'source' in route ? route.source : undefined;
  const common = { address, rttMs: rttOf(answers.rtts), ...(source === undefined ? {} : { source }) };
  if (answers.rtts.length > 0) {
    const lost = count - answers.rtts.length;
    return { ...common, observed: 'reached', ...(lost > 0 ? { message: `${lost} of ${count} got no reply` } : {}) };
  }
  if (answers.sent) return { ...common, observed: 'unreachable', message: silence(answers, source) };
  const refusal = 'refusal' in route ? route.refusal : answers.message;
  if (refusal === undefined) {
    return {
      ...common,
      observed: 'unreachable',
      message: 'not sent: the firewall, link or neighbour table of the sender refused it',
    };
  }
  const observed = refusal.includes(cannotAssign) ? 'error' : 'unreachable';
  return { ...common, observed, message: `not sent: ${refusalText(refusal)}` };
}

function allFailed(targets: readonly string[], message: string): readonly TargetResult[] {
  return targets.map((address) => ({ address, observed: 'error', rttMs: null, message }));
}

/** A place whose probes are over. */
interface Probed {
  readonly place: Place;
  readonly tool: Measured['tool'];
  readonly result: Exclude<ToolResult, { missing: true }>;
}

/** Probes one namespace's targets, all at once, with fping, or with ping where that is missing. */
export async function probe(host: Host, place: Place, settings: ProbeSettings, signal: AbortSignal): Promise<Probed> {
  const fping = await runFping(host, place, settings, signal);
  if (!('missing' in fping)) return { place, tool: 'fping', result: fping };
  const ping = await runPing(host, place, settings, signal);
  if (!('missing' in ping)) return { place, tool: 'ping', result: ping };
  return { place, tool: 'none', result: { fault: 'the host has neither fping nor ping' } };
}

// More than these in one namespace are not asked about: it would take longer than the probes.
const mostQuestions = 64;

/** Targets to ask the kernel about: first those that were never sent to, which need its reason; reached ones only with `all`. */
function worthAsking(targets: readonly string[], answersOf: (address: string) => Answers, all: boolean): string[] {
  const need = ({ sent, rtts }: Answers) => (rtts.length > 0 ? 2 : sent ? 1 : 0);
  return targets
    .map((address) => ({ address, rank: need(answersOf(address)) }))
    .filter(({ rank }) => all || rank < 2)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, mostQuestions)
    .map(({ address }) => address);
}

/**
 * Joins what the tool saw with what the kernel says of the way: source address, or why nothing could be sent.
 * `all` false: reached targets get no source address.
 */
export async function explain(
  host: Host,
  { place, tool, result }: Probed,
  { count, all }: { readonly count: number; readonly all: boolean },
): Promise<Measured> {
  const { netns, source, targets } = place;
  if ('fault' in result) return { tool, targets: allFailed(targets, result.fault) };
  const answersOf = (address: string) => result.answers.get(address) ?? { rtts: [], sent: false };
  const asked = worthAsking(targets, answersOf, all);
  const routes = new Map(
    await Promise.all(
      asked.map(async (address) => [address, await kernelRoute(host, netns, address, source)] as const),
    ),
  );
  return {
    tool,
    targets: targets.map((address) =>
      targetResult(address, answersOf(address), routes.get(address) ?? { source }, count),
    ),
  };
}
