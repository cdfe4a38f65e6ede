import type { Asked } from '../../linux/host.ts';
import { isExact } from './after-exact.ts';

/** What the tasks of a run have asked for, in order. */
export class AskedTasks {
  /** Whose tasks come now, where those of several runs are carried out again: they know of those of later runs, too. */
  part = 0;
  private readonly parts = new Map<Asked, number>();
  private readonly tasks: Asked[] = [];
  private readonly byName = new Map<unknown, Asked[]>();
  private some = false;

  get all(): readonly Asked[] {
    return this.known(this.tasks);
  }

  /** Those whose parameter `name` says this. */
  named(name: string): readonly Asked[] {
    return this.known(this.byName.get(name) ?? []);
  }

  /** True once a netns task with `exact` is among them. */
  get exact(): boolean {
    return this.some && this.all.some(isExact);
  }

  add(task: Asked): void {
    this.tasks.push(task);
    if (this.part !== 0) this.parts.set(task, this.part);
    const { name } = task.params as { readonly name?: unknown };
    const same = this.byName.get(name);
    if (same === undefined) this.byName.set(name, [task]);
    else same.push(task);
    this.some ||= isExact(task);
  }

  /** That something is exact by a later run is no word about what earlier ones ask for. */
  private known(tasks: readonly Asked[]): readonly Asked[] {
    if (this.parts.size === 0) return tasks;
    return tasks.filter((task) => {
      const part = this.parts.get(task) ?? 0;
      return part === this.part || (part > this.part && !isExact(task));
    });
  }
}
