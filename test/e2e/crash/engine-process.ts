// One agent's life without a connection: a run, an undo or one after the other, on this host, until it is done or dies by order.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Engine } from '../../../agent/engine/engine.ts';
import { RunSession } from '../../../agent/engine/run-session.ts';
import { registry } from '../../../agent/modules/registry.gen.ts';
import type { Proof, RunResponse } from '../../../proto/gen/orch/v1/agent.ts';
import { task } from '../../rpc/tasks.ts';
import { LinuxHost } from './crashing-host.ts';
import type { LabTask } from './lab-tasks.ts';

/** What came of a process that lived to its end. */
export interface Lived {
  readonly failed: readonly string[];
  readonly proof?: Proof | undefined;
}

export type Deeds = 'run' | 'destroy' | 'both';

export async function engineProcess(labsDir: string, deeds: Deeds, tasks: readonly LabTask[]): Promise<Lived> {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const engine = new Engine({
    host: new LinuxHost(),
    modules: registry,
    labsDir,
    journalsDir: join(labsDir, '../journals'),
    checkpointsDir: join(labsDir, '../checkpoints'),
    boot,
  });
  const failed: string[] = [];
  let proof: Proof | undefined;
  if (deeds !== 'destroy') failed.push(...(await run(engine, tasks)));
  if (deeds !== 'run') proof = await destroy(engine, failed);
  await engine.stop();
  return { failed, proof };
}

/** Gives what failed. */
async function run(engine: Engine, tasks: readonly LabTask[]): Promise<readonly string[]> {
  const session = await engine.open({ lab: 'lab', run: 'run', holder: 'test', waitMs: 0 });
  if (!(session instanceof RunSession)) throw new Error(session.heldBy);
  const heard: RunResponse[] = [];
  session.attach({ send: (responses) => heard.push(...responses), end: () => undefined, full: false }, 0);
  for (const [at, { module, items }] of tasks.entries()) session.add(task(at + 1, module, items));
  await session.close({ exit: 0, summaryJson: '{}' });
  const done = heard.flatMap(({ message }) => (message?.$case === 'itemDone' ? [message.value] : []));
  return done.flatMap(({ diagnostic }) => diagnostic?.summary ?? []);
}

async function destroy(engine: Engine, failed: string[]): Promise<Proof | undefined> {
  let proof: Proof | undefined;
  const request = { lab: 'lab', run: 'destroy', holder: 'test', check: false, waitMs: 0 };
  for await (const response of engine.destroy(request, () => false)) {
    proof = response.proof ?? proof;
    if (response.reason !== '' && response.reason !== 'it is gone')
      failed.push(`${response.object}: ${response.reason}`);
  }
  return proof;
}
