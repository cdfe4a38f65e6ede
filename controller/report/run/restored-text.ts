/** How an agent brought a lab back after its host was started. */
export interface RestoredLab {
  readonly whenMs: number;
  readonly ok: number;
  readonly changed: number;
  readonly failed: readonly string[];
}

/** ECMA-262 has no date after it. */
const lastMs = 8.64e15;

/** One line for people: what was brought back when, and what could not be. */
export function restoredText({ whenMs, ok, changed, failed }: RestoredLab): string {
  const all = ok + changed + failed.length;
  const when = new Date(Math.min(whenMs, lastMs)).toISOString();
  const said = `the host was started anew, and its agent brought the lab back at ${when}: ${all - failed.length} of ${all} tasks, ${changed} changed`;
  return failed.length === 0 ? said : `${said}; failed: ${failed.join('; ')}`;
}
