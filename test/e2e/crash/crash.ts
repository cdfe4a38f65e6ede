import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { nodeOptions } from '../../../controller/connect/agent-paths.ts';
import type { OwnTestbed } from '../own-testbed.ts';
import { crashDriver } from './crashing-build.ts';
import type { Crashed, Wanted } from './driver.ts';
import type { LabTask } from './lab-tasks.ts';

export interface Extent {
  readonly outcomes: Wanted['outcomes'];
  /** Which boundaries: every so manyth. */
  readonly every?: number;
  /** From which one on. */
  readonly from?: number;
}

/**
 * Kills agents at boundaries of the steps that a lab's tasks take on a host, those of its undo too, shared out between both
 * hosts; each time another run must converge, or the undo must give back what was there. Gives how many times it was done.
 */
export async function crashEverywhere(testbed: OwnTestbed, tasks: readonly LabTask[], extent: Extent): Promise<number> {
  const { outcomes, every = 1, from = 0 } = extent;
  const folder = mkdtempSync(join(tmpdir(), 'orch-crash-'));
  const driver = readFileSync(await crashDriver(folder), 'utf8');
  rmSync(folder, { recursive: true });
  const hosts = ['vm01', 'vm02'];
  const crashed = await Promise.all(
    hosts.map(async (host, nth) => {
      // Where agents live, which is the host's own on every kind of testbed.
      const upload = 'mkdir -p /var/lib/orch && cat > /var/lib/orch/crash-driver.cjs';
      expect(await testbed.on(host, upload, driver)).toMatchObject({ code: 0 });
      const wanted: Wanted = { tasks, outcomes, share: { nth: hosts.length * from + nth, of: hosts.length * every } };
      const { code, stdout, stderr } = await testbed.on(
        host,
        `node ${nodeOptions.join(' ')} /var/lib/orch/crash-driver.cjs; code=$?; rm /var/lib/orch/crash-driver.cjs; exit $code`,
        JSON.stringify(wanted),
      );
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return JSON.parse(stdout) as readonly Crashed[];
    }),
  );
  expect(crashed.flat().filter(({ wrong }) => wrong.length > 0)).toEqual([]);
  return crashed.flat().length;
}
