import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { shipped } from '../lab-runs.ts';
import type { OwnTestbed } from '../own-testbed.ts';
import { crashDriver } from './crashing-build.ts';
import type { Crashed, Wanted } from './driver.ts';
import { tasksOfFirstPlay } from './lab-tasks.ts';

/**
 * Kills agents at every boundary of a shipped lab's steps, those of its undo too, shared out between hosts; each time
 * another run must converge, or the undo must give back what was there. Gives how many times it was done.
 */
export async function crashEverywhere(
  testbed: OwnTestbed,
  lab: string,
  outcomes: Wanted['outcomes'],
  hosts: readonly string[],
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'orch-crash-'));
  const driver = readFileSync(await crashDriver(folder), 'utf8');
  rmSync(folder, { recursive: true });
  const tasks = tasksOfFirstPlay(shipped(lab));
  const crashed = await Promise.all(
    hosts.map(async (host, nth) => {
      // Where agents live, which is the host's own on every kind of testbed.
      const upload = 'mkdir -p /var/lib/orch && cat > /var/lib/orch/crash-driver.cjs';
      expect(await testbed.on(host, upload, driver)).toMatchObject({ code: 0 });
      const wanted: Wanted = { tasks, outcomes, share: { nth, of: hosts.length } };
      const { code, stdout, stderr } = await testbed.on(
        host,
        'node /var/lib/orch/crash-driver.cjs; code=$?; rm /var/lib/orch/crash-driver.cjs; exit $code',
        JSON.stringify(wanted),
      );
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return JSON.parse(stdout) as readonly Crashed[];
    }),
  );
  expect(crashed.flat().filter(({ wrong }) => wrong.length > 0)).toEqual([]);
  return crashed.flat().length;
}
