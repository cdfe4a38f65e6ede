import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Engine } from '../../agent/engine/engine.ts';
import { RunSession } from '../../agent/engine/run/run-session.ts';
import type { Action } from '../../agent/linux/action.ts';
import { Status } from '../../proto/gen/orch/v1/agent.ts';
import { task } from '../rpc/tasks.ts';
import { FakeHost } from './fake-host.ts';
import { fakeModules } from './fake-modules.ts';

/** Somebody else makes y, right after x was made. */
class SharedHost extends FakeHost {
  override async apply(action: Action): Promise<void> {
    await super.apply(action);
    if (action.op === 'netns-add' && action.name === 'x') this.netns.add('y');
  }
}

it('takes a thing for what it is that somebody made since it was foreseen', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'orch-foresight-'));
  const dirs = {
    labsDir: join(folder, 'labs'),
    journalsDir: join(folder, 'runs'),
    checkpointsDir: join(folder, 'back'),
  };
  const engine = new Engine({ host: new SharedHost({}), modules: fakeModules, boot: 'boot', ...dirs });
  const session = await engine.open({ lab: 'lab', run: 'run', holder: 'me', waitMs: 0 });
  if (!(session instanceof RunSession)) throw new Error(session.heldBy);
  const statuses: Status[] = [];
  session.attach(
    {
      send: (responses) => {
        for (const { message } of responses) if (message?.$case === 'itemDone') statuses.push(message.value.status);
      },
      end: () => undefined,
      full: false,
    },
    0,
  );
  session.add(task(1, 'space', [{ name: 'w' }, { name: 'x' }, { name: 'y' }, { name: 'z' }]));
  await session.close({ exit: 0, summaryJson: '{}' });
  expect(statuses).toEqual([Status.CHANGED, Status.CHANGED, Status.OK, Status.CHANGED]);
  const [status] = engine.status('lab');
  expect(status?.objects).toEqual(['netns w', 'netns x', 'netns z']);
  await engine.stop();
  rmSync(folder, { recursive: true });
});
