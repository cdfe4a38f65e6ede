// One agent's life without a connection: a run, an undo or one after the other, on this host, until it is done or dies by order.
import { destroyLab, engineOf, type Lived, runTasks } from '../engine-runs.ts';
import { LinuxHost } from './crashing-host.ts';
import type { LabTask } from './lab-tasks.ts';

export type Deeds = 'run' | 'destroy' | 'both';

export async function engineProcess(labsDir: string, deeds: Deeds, tasks: readonly LabTask[]): Promise<Lived> {
  const engine = engineOf(new LinuxHost(), labsDir);
  const ran = deeds === 'destroy' ? undefined : await runTasks(engine, tasks);
  const undone = deeds === 'run' ? undefined : await destroyLab(engine);
  await engine.stop();
  return {
    changed: ran?.changed ?? 0,
    failed: [...(ran?.failed ?? []), ...(undone?.failed ?? [])],
    proof: undone?.proof,
  };
}
