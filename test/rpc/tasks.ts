import type { Task } from '../../proto/gen/orch/v1/agent.ts';

/** A task with the defaults of the wire. */
export function task(id: number, module: string, params: readonly unknown[], fields: Partial<Task> = {}): Task {
  return {
    id,
    lane: 'a',
    batch: 0,
    module,
    items: params.map((item) => ({ paramsJson: JSON.stringify(item) })),
    check: false,
    diff: true,
    noLog: false,
    keepGoing: false,
    runAs: '',
    environment: {},
    timeoutMs: 0,
    where: '',
    persist: false,
    cwd: '',
    ahead: false,
    ...fields,
  };
}
