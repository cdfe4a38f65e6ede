import type { Asked } from '../linux/host.ts';
import { isExact } from './after-exact.ts';

/** What the tasks of a run have asked for, in order. */
export class AskedTasks {
  private readonly tasks: Asked[] = [];
  private readonly byName = new Map<unknown, Asked[]>();
  private some = false;

  get all(): readonly Asked[] {
    return this.tasks;
  }

  /** Those whose parameter `name` says this. */
  named(name: string): readonly Asked[] {
    return this.byName.get(name) ?? [];
  }

  /** True once a netns task with `exact` is among them. */
  get exact(): boolean {
    return this.some;
  }

  add(task: Asked): void {
    this.tasks.push(task);
    const { name } = task.params as { readonly name?: unknown };
    const same = this.byName.get(name);
    if (same === undefined) this.byName.set(name, [task]);
    else same.push(task);
    this.some ||= isExact(task);
  }
}
