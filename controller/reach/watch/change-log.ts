import type { Changes } from '../../../proto/gen/orch/v1/agent.ts';
import type { SeenChange } from '../../report/why/watch-types.ts';

/** Most changes that are kept; older ones go. */
const mostKept = 5000;
/** Most characters of a change that are kept; agents tell less. */
const [longestName, longestText] = [255, 1000];

/** What changed on hosts, in one order by this process's clock. */
export class ChangeLog {
  private changes: SeenChange[] = [];
  /** How many were not told. */
  leftOut = 0;

  /** `offsetUs`: how far the host's clock is ahead. */
  add(host: string, { all, leftOut }: Changes, offsetUs: number): void {
    this.leftOut += leftOut;
    for (const { netns, monotonicUs, what, text } of all) {
      this.changes.push({
        ...{ host, us: monotonicUs - offsetUs },
        ...{ netns: netns.slice(0, longestName), what: what.slice(0, longestName), text: text.slice(0, longestText) },
      });
    }
    if (this.changes.length > mostKept) this.changes = this.changes.slice(-mostKept);
  }

  /** Those from this moment on. */
  since(us: number): readonly SeenChange[] {
    return this.changes.filter((change) => change.us >= us).sort((one, other) => one.us - other.us);
  }
}
