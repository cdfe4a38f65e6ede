import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Ledger } from '../../agent/engine/books/ledger.ts';
import { Engine } from '../../agent/engine/engine.ts';
import { RunSession } from '../../agent/engine/run/run-session.ts';
import { Snapshot } from '../../agent/engine/snapshot/snapshot.ts';
import type { Action } from '../../agent/linux/action.ts';
import { LinuxHost } from '../../agent/linux/linux-host.ts';
import { registry } from '../../agent/modules/registry.gen.ts';
import { task } from '../rpc/tasks.ts';
import { ScratchNetns } from './scratch-netns.ts';

/*
 * The power goes right before each step. What a disk holds then is what its file system has written to it: here the disk
 * is a file, which is copied without the file system being asked, and looked at as after the next start.
 */

const folder = mkdtempSync(join(tmpdir(), 'orch-power-'));
const disk = join(folder, 'disk');
const mounted = join(folder, 'mounted');
const scratch = new ScratchNetns();
const sh = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: 'pipe' });

/** Copies the disk before each change. */
class FragileHost extends LinuxHost {
  readonly cuts: string[] = [];

  override async apply(action: Action): Promise<void> {
    const cut = join(folder, `cut-${this.cuts.length}`);
    sh('cp', '--sparse=always', disk, cut);
    this.cuts.push(cut);
    await super.apply(action);
  }
}

beforeAll(() => {
  mkdirSync(mounted);
  sh('truncate', '--size=16M', disk);
  sh('mkfs.ext4', '-q', disk);
  // Nothing gets to the disk by itself for as long as this takes.
  sh('mount', '-o', 'loop,commit=300', disk, mounted);
});
afterAll(() => {
  sh('umount', '-l', mounted);
  scratch.sweep();
  rmSync(folder, { recursive: true });
});

it('finds the inverse of the step on the disk, and the snapshot', async () => {
  const host = new FragileHost();
  const [labsDir, journalsDir, checkpointsDir] = ['labs', 'journals', 'checkpoints'].map((name) =>
    join(mounted, name),
  ) as [string, string, string];
  const engine = new Engine({ host, modules: registry, labsDir, journalsDir, checkpointsDir, boot: 'boot' });
  const session = await engine.open({ lab: 'lab', run: 'run', holder: 'test', waitMs: 0 });
  if (!(session instanceof RunSession)) throw new Error(session.heldBy);
  const netns = scratch.name('power');
  session.add(task(1, 'netns', [{ name: netns }]));
  session.add(task(2, 'bridge', [{ name: 'br0', netns, state: 'up' }]));
  session.add(task(3, 'address', [{ address: '10.0.0.1/24', dev: 'br0', netns }]));
  session.add(task(4, 'sysctl', [{ name: 'net.ipv4.ip_forward', value: 1, netns }]));
  await session.close({ exit: 0, summaryJson: '{}' });

  const found = host.cuts.map((cut) => {
    const after = join(folder, 'after');
    mkdirSync(after);
    sh('mount', '-o', 'loop', cut, after);
    try {
      const ledger = new Ledger('lab', join(after, 'labs/lab.ndjson'), 'boot');
      const snapshot = new Snapshot(join(after, 'labs/lab.snapshot'), 'boot');
      return { newest: ledger.objects.at(-1), damaged: ledger.damaged, before: !snapshot.empty };
    } finally {
      sh('umount', after);
      rmSync(after, { recursive: true });
    }
  });
  const bridge = `link ${netns}/br0`;
  const steps = [
    `netns ${netns}`,
    bridge,
    bridge,
    `address 10.0.0.1/24 on ${netns}/br0`,
    `sysctl ${netns} net.ipv4.ip_forward`,
  ];
  expect(found).toEqual(steps.map((newest) => ({ newest, damaged: 0, before: true })));
  for await (const _ of engine.destroy(
    { lab: 'lab', run: 'end', holder: 'test', check: false, waitMs: 0 },
    () => false,
  ));
  await engine.stop();
});
