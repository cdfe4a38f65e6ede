import type { JobResult, KnownJobs } from '../../modules/module.ts';

/** So many are kept, the last ones. */
const most = 200;

/** What jobs came to that no run waits for, until the agent ends: other runs may ask. */
export class JobResults implements KnownJobs {
  private readonly ended = new Map<string, JobResult>();

  keep(id: string, result: JobResult): void {
    this.ended.set(id, result);
    for (const [oldest] of this.ended) {
      if (this.ended.size <= most) return;
      this.ended.delete(oldest);
    }
  }

  get(id: string): JobResult | undefined {
    return this.ended.get(id);
  }

  forget(id: string): void {
    this.ended.delete(id);
  }
}
