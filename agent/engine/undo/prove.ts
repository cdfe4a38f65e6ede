import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Proof,
  type Difference as Said,
  Difference_Cause as SaidCause,
} from '../../../proto/gen/orch/v1/agent.ts';
import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action } from '../../linux/action.ts';
import { text } from '../../modules/shared/rows.ts';
import { deviceOf } from '../../modules/shared/sysctl.ts';
import { type Cause, type Evidence, type Explained, explain, missingOf } from '../snapshot/causes.ts';
import { compareHosts, differenceName } from '../snapshot/compare.ts';
import { sidesOf } from '../snapshot/difference-text.ts';
import { isLabsFallback } from '../snapshot/fallback-links.ts';
import { isBare } from '../snapshot/network-routes.ts';
import { readState } from '../snapshot/read-state.ts';
import { inOrder, restoring } from '../snapshot/restore.ts';
import { isTakenRoute } from '../snapshot/risks.ts';
import { type Difference, type HostState, type NetnsState, own, type Section, sections } from '../snapshot/state.ts';
import { applyInverse, carrierMs } from '../steps/apply-inverse.ts';
import { asOrchError } from '../steps/diagnostic.ts';
import { turnOfOthers } from '../steps/in-turns.ts';
import { noteCosts } from './costs-of-undo.ts';
import { FreePorts } from './free-ports.ts';

/** How long the kernel is given to bring back by itself what it took along: duplicate address detection takes 2 s. */
const settleMs = 4000;
const lookMs = 100;
/** Putting back one thing may make room for the next: a link, its address, the order of these, the routes over them. */
const rounds = 4;

export interface Proven {
  readonly proof: Proof;
  /** The host at the end. */
  readonly now: HostState;
  /** True when nothing is left of the lab. */
  readonly whole: boolean;
}

/** What waits for things to be brought back. */
export interface Waiting {
  readonly putOff: Action[];
  /** Called once something was brought back, before the host is read again. */
  readonly tryAgain: () => Promise<void>;
}

/** Reading a thousand sysctls takes as long as all else together. */
export const allButSysctls: readonly Section[] = sections.filter((section) => section !== 'sysctls');

/** Reads these namespaces side by side; those that are gone are left out. `only`: as readState. */
export async function readHost(
  host: ActingHost,
  names: readonly string[],
  only?: readonly Section[],
): Promise<HostState> {
  const read = await Promise.all(names.map(async (name) => [name, await readState(host, name, only)] as const));
  return Object.fromEntries(read.filter((each): each is readonly [string, NetnsState] => each[1] !== undefined));
}

/**
 * Holds the host against the snapshot once the inverses were carried out. What the kernel took along with the lab's
 * changes or with their inverses is brought back; everything else that differs is named with its cause.
 */
export async function prove(evidence: Evidence, host: ActingHost, { putOff, tryAgain }: Waiting): Promise<Proven> {
  const failures = new Map<string, string>();
  const mended = new Map<string, Explained>();
  const carriedBy = performance.now() + carrierMs;
  let now = await settled(evidence.before, host);
  let left = await explain(now, evidence);
  for (let round = 0; round < rounds; round++) {
    const mendable = left.filter((each) => isMendable(each, evidence));
    if (mendable.length === 0) break;
    for (const each of mendable) mended.set(differenceName(each.difference), each);
    await mend(
      mendable.map(({ difference }) => difference),
      host,
      { putOff, carriedBy },
      failures,
    );
    await tryAgain();
    const sysctls = mendable.some(({ difference }) => difference.section === 'sysctls');
    now = sysctls
      ? await settled(evidence.before, host)
      : sameSysctls(now, await settled(evidence.before, host, allButSysctls));
    left = await explain(now, evidence);
  }
  for (const { difference } of left) mended.delete(differenceName(difference));
  const { compared, unread } = await compareHosts(evidence.before, now);
  const differences = [
    ...[...mended.values()].map(({ difference, cause }) => said(difference, SaidCause.RESTORED, cause.reason)),
    ...left.map(({ difference, cause }) => {
      const failure = cause.kind === 'lab' ? failures.get(differenceName(difference)) : undefined;
      return said(difference, causes[cause.kind], failure === undefined ? cause.reason : `${cause.reason}; ${failure}`);
    }),
  ];
  const proof = { compared: { ...compared } as Record<string, number>, differences, unread: [...unread], missing: '' };
  return { proof, now, whole: left.every(({ cause }) => cause.kind !== 'lab') };
}

const causes: Readonly<Record<Cause['kind'], SaidCause>> = {
  lab: SaidCause.LAB,
  'other-lab': SaidCause.OTHER_LAB,
  kernel: SaidCause.KERNEL,
  someone: SaidCause.SOMEONE,
};

function said(difference: Difference, cause: SaidCause, reason: string): Said {
  return { object: differenceName(difference), ...sidesOf(difference), cause, reason };
}

function isMendable({ difference, cause }: Explained, { risks, missing, before }: Evidence): boolean {
  if (missingOf(difference, { missing }) !== undefined) return false;
  if (isLabsFallback(difference, risks)) return true;
  if (isTakenRoute(difference) && !isLeftBefore(difference, before)) return false;
  const grown = difference.section === 'links' && difference.before === undefined;
  return cause.kind === 'lab' && !grown && restoring(difference).length > 0;
}

/** A route to a network that an address had left before: it comes with none. */
function isLeftBefore({ netns, section, before: was }: Difference, before: HostState): boolean {
  const addresses = Object.values(own(before, netns)?.items.addresses ?? {});
  return section === 'routes' && was !== undefined && isBare(was, addresses);
}

/** Carries out what brings the things back, those that others stand on first; one that fails does not stop the others. */
async function mend(
  differences: readonly Difference[],
  host: ActingHost,
  { putOff, carriedBy }: { readonly putOff: Action[]; readonly carriedBy: number },
  failures: Map<string, string>,
): Promise<void> {
  // VLANs and entries of ports come behind their links.
  const free = new FreePorts();
  for (const difference of inOrder(differences)) {
    // Each link has a hundred sysctls, and writing those of the host waits for nothing.
    await turnOfOthers();
    const actions = restoring(difference);
    const costs = await noteCosts(actions, putOff, host);
    for (const action of actions) {
      if (free.concerns(action)) continue;
      try {
        await applyInverse(action, host, carriedBy);
      } catch (error) {
        const refused = asOrchError(error);
        free.note(action, refused);
        failures.set(differenceName(difference), refused.summary);
      }
    }
    await costs();
  }
}

/** The later state, with the sysctls of the earlier one, which nothing has changed since; links that went took theirs along. Pure. */
export function sameSysctls(earlier: HostState, later: HostState): HostState {
  return Object.fromEntries(
    Object.entries(later).map(([name, state]) => {
      const { items, unread } = own(earlier, name) ?? state;
      const { sysctls: _, ...others } = state.unread;
      const why = unread.sysctls === undefined ? {} : { sysctls: unread.sysctls };
      const gone = new Set(Object.keys(items.links).filter((dev) => !Object.hasOwn(state.items.links, dev)));
      const kept = Object.entries(items.sysctls).filter(([path]) => !gone.has(deviceOf(path) ?? ''));
      return [name, { items: { ...state.items, sysctls: Object.fromEntries(kept) }, unread: { ...others, ...why } }];
    }),
  );
}

/** The host once the kernel is done with what it does by itself to IPv6 addresses, or will not be. */
async function settled(before: HostState, host: ActingHost, only?: readonly Section[]): Promise<HostState> {
  const names = Object.keys(before);
  const until = performance.now() + settleMs;
  while (performance.now() < until) {
    const glance = await readHost(host, names, ['routes']);
    const { differences } = await compareHosts(before, glance);
    if (!differences.some((one) => settles(one) && !isLeftBefore(one, before))) break;
    await sleep(lookMs);
  }
  return readHost(host, names, only);
}

function settles({ section, before }: Difference): boolean {
  if ((section !== 'addresses' && section !== 'routes') || typeof before !== 'object') return false;
  const six = before.family === 6 || before.family === 'inet6';
  return six && (text(before, 'protocol') ?? '').startsWith('kernel');
}
