import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BootService } from '../../agent/engine/books/persistent-wishes.ts';
import { Engine } from '../../agent/engine/engine.ts';
import { RunSession } from '../../agent/engine/run/run-session.ts';
import { goneReason } from '../../agent/engine/steps/guard.ts';
import type { ActingHost } from '../../agent/linux/acting-host.ts';
import { registry } from '../../agent/modules/registry.gen.ts';
import { type Proof, type RunResponse, Status, type Task } from '../../proto/gen/orch/v1/agent.ts';
import { task } from '../rpc/tasks.ts';
import type { LabTask } from './crash/lab-tasks.ts';

/** What came of a run or of a destroy. */
export interface Lived {
  readonly changed: number;
  readonly failed: readonly string[];
  readonly proof?: Proof | undefined;
}

const thisBoot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
/** Whoever starts this machine anew has the engine bring labs back. */
const boots: BootService = { problem: undefined, want: () => undefined };

/** An engine in this process that keeps its books in `labsDir` and beside it. */
export function engineOf(host: ActingHost, labsDir: string, boot = thisBoot): Engine {
  const [journalsDir, checkpointsDir] = [join(labsDir, '../journals'), join(labsDir, '../checkpoints')];
  return new Engine({ host, modules: registry, labsDir, journalsDir, checkpointsDir, boot, boots });
}

/** Has an engine of this process carry out tasks, or in check mode say what they would do, as the controller does. */
export async function runTasks(
  engine: Engine,
  tasks: readonly LabTask[],
  name = 'run',
  how: Partial<Task> = {},
  lab = 'lab',
): Promise<Lived> {
  const session = await engine.open({ lab, run: name, holder: 'test', waitMs: 0 });
  if (!(session instanceof RunSession)) throw new Error(session.heldBy);
  const heard: RunResponse[] = [];
  session.attach({ send: (responses) => heard.push(...responses), end: () => undefined, full: false }, 0);
  for (const [at, { module, items }] of tasks.entries())
    session.add(task(at + 1, module, items, { ...how, where: `${lab}.yml:${at + 1}` }));
  await session.close({ exit: 0, summaryJson: '{}' });
  const done = heard.flatMap(({ message }) => (message?.$case === 'itemDone' ? [message.value] : []));
  return {
    changed: done.filter(({ status }) => status === Status.CHANGED).length,
    failed: done.flatMap(({ diagnostic }) => diagnostic?.summary ?? []),
  };
}

export async function destroyLab(engine: Engine, lab = 'lab'): Promise<Lived> {
  const failed: string[] = [];
  let proof: Proof | undefined;
  const request = { lab, run: 'destroy', holder: 'test', check: false, waitMs: 0 };
  for await (const response of engine.destroy(request, () => false)) {
    proof = response.proof ?? proof;
    if (response.reason !== '' && response.reason !== goneReason) failed.push(`${response.object}: ${response.reason}`);
  }
  return { changed: 0, failed, proof };
}

/** Takes a run of `runTasks` back; what could not be. */
export async function rollBackRun(engine: Engine, name = 'run', lab = 'lab'): Promise<readonly string[]> {
  const failed: string[] = [];
  const request = { lab, runs: [name], holder: 'test', check: false, waitMs: 0 };
  for await (const { change } of engine.rollback(request, () => false)) {
    if (change !== undefined && change.reason !== '') failed.push(`${change.object}: ${change.reason}`);
  }
  return failed;
}
