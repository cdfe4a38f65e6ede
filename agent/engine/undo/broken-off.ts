import type { ActingHost } from '../../linux/acting-host.ts';
import type { LedgerStore } from '../books/ledger-store.ts';

/**
 * To be called before anything is changed, while no undo is under way: what labs remember of the host follows undos of others that
 * were broken off. What is changed from now on was not changed by those. `goesOn`: the lab whose own undo is what begins now.
 */
export async function followBrokenOff(store: LedgerStore, host: ActingHost, goesOn?: string): Promise<void> {
  for (const lab of store.brokenOff()) {
    if (lab === goesOn) continue;
    // Loaded for an undo alone: each start would take longer.
    const { readHost } = await import('./prove.ts');
    const { rebase } = await import('../snapshot/rebase.ts');
    const snapshot = store.snapshot(lab);
    const others = store.remembered(lab);
    const now = await readHost(host, [...new Set(others.flatMap((other) => Object.keys(other.snapshot.state)))]);
    const begun = snapshot.begin(now);
    for (const { snapshot: theirs, inverses } of others)
      await theirs.replace(await rebase(theirs.state, begun, now, inverses, snapshot.state));
    snapshot.over();
  }
}
