import type { Action } from '../../linux/action.ts';
import { deviceOf } from '../../modules/shared/sysctl.ts';
import type { Ledger } from '../books/ledger.ts';
import type { LedgerEntry } from '../books/ledger-entry.ts';
import type { LedgerStore } from '../books/ledger-store.ts';
import { inherited } from '../snapshot/rebase.ts';
import { type Risk, risksOf } from '../snapshot/risks.ts';
import { type HostState, netnsName } from '../snapshot/state.ts';
import { linksOf, namespacesOf } from '../steps/touched.ts';

/** A lab that is destroyed: the host as it found it, and as it is before the first inverse. */
export interface Testator {
  readonly lab: string;
  readonly before: HostState;
  readonly found: HostState;
}

/**
 * Gives changes of a lab that is destroyed to the labs that wish them too, with what the host was like before them. The
 * snapshots come first: a crash in between leaves a lab that knows too much, and owns nothing of it.
 */
export async function handOver(
  heirs: ReadonlyMap<LedgerEntry, Ledger>,
  { lab, before, found }: Testator,
  store: LedgerStore,
): Promise<void> {
  for (const heir of new Set(heirs.values())) {
    const changes = [...heirs].flatMap(([entry, to]) => (to === heir ? [entry] : []));
    const actions = changes.flatMap(({ undo }) => undo);
    const snapshot = store.snapshot(heir.lab);
    const state = await inherited(snapshot.state, { before, found }, actions);
    // Inverses do not tell what their steps have cost.
    const taken = store.snapshot(lab).risks.filter((risk) => actions.some((action) => isOf(risk, action)));
    await snapshot.replace(state, [...actions.flatMap(risksOf), ...taken]);
    heir.inherit(lab, changes);
  }
}

/** Whether what was taken along was a link's that the action brings back or changes. */
function isOf(risk: Risk, action: Action): boolean {
  const devs = 'dev' in risk ? [risk.dev] : risk.kind === 'sysctls' ? risk.keys.map(deviceOf) : [];
  return namespacesOf(action).includes(netnsName(risk.netns)) && linksOf(action).some((dev) => devs.includes(dev));
}
