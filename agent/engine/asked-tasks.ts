import type { Asked } from '../linux/host.ts';
import { isExact } from './after-exact.ts';

interface Part {
  readonly tasks: Asked[];
  readonly byName: Map<unknown, Asked[]>;
  exact: boolean;
}

/** What the tasks of a run have asked for, in order. */
export class AskedTasks {
  private readonly parts = new Map<number, Part>();
  private part = this.turnTo(0);

  /** From now on tasks of another part: those of one part know of no others. */
  turnTo(number: number): Part {
    this.part = this.parts.get(number) ?? { tasks: [], byName: new Map(), exact: false };
    this.parts.set(number, this.part);
    return this.part;
  }

  get all(): readonly Asked[] {
    return this.part.tasks;
  }

  /** Those whose parameter `name` says this. */
  named(name: string): readonly Asked[] {
    return this.part.byName.get(name) ?? [];
  }

  /** True once a netns task with `exact` is among them. */
  get exact(): boolean {
    return this.part.exact;
  }

  add(task: Asked): void {
    const { tasks, byName } = this.part;
    tasks.push(task);
    const { name } = task.params as { readonly name?: unknown };
    const same = byName.get(name);
    if (same === undefined) byName.set(name, [task]);
    else same.push(task);
    this.part.exact ||= isExact(task);
  }
}
