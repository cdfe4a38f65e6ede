import type { FilePlace } from '../../../proto/errors.ts';
import type { Located, Origin } from '../../source/located.ts';
import type { Common, Task } from '../types.ts';

/** A task that no playbook says: what the run does by itself, or another entry seen as a task. */
export function ownTask(
  module: string,
  common: Common,
  args: Readonly<Record<string, unknown>> = {},
  loop?: Task['loop'],
): Task {
  return {
    ...common,
    kind: 'task',
    module,
    args: locatedAt(common.at, args),
    loop,
    register: undefined,
    listen: [],
    changedWhen: undefined,
    failedWhen: undefined,
    until: undefined,
    retries: undefined,
    delaySeconds: undefined,
    asyncSeconds: undefined,
    pollSeconds: undefined,
  };
}

/** Data that stands for something at `at`. */
export function locatedAt<T>(at: FilePlace, value: T): Located<T> {
  const origin: Origin = { file: at.file, place: () => at, placeInText: () => at };
  return { value, origin, path: [] };
}
