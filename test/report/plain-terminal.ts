import type { Terminal } from '../../controller/report/terminal.ts';

/** A terminal as most tests want it: without colours, and nothing is drawn over. */
export function plainTerminal(write: Terminal['write'], more: Partial<Terminal> = {}): Terminal {
  return { write, columns: () => 80, rows: () => 24, color: false, live: false, ...more };
}
