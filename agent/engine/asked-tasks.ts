import type { Asked } from '../linux/host.ts';
import { isExact } from './after-exact.ts';

/** What the tasks of a run have asked for, in order. */
export class AskedTasks {
  private readonly tasks: Asked[] = [];
  private some = false;

  get all(): readonly Asked[] {
    return this.tasks;
  }

  /** True once a netns task with `exact` is among them. */
  get exact(): boolean {
    return this.some;
  }

  add(task: Asked): void {
    this.tasks.push(task);
    this.some ||= isExact(task);
  }
}
