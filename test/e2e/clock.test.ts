import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownTestbed } from './own-testbed.ts';

const testbed = ownTestbed();
beforeAll(async () => {
  await testbed.orch(['testbed', 'up', '--driver', 'netns']);
});
afterAll(() => testbed.end());

test('a clock that is days off is named, also where the agent serves already', async () => {
  const ask = (env = {}) => testbed.orch(['exec', 'vm01', '--', 'true'], { env });
  expect(await ask()).toMatchObject({ code: 0 });
  // It is this side's that is off: hosts of this kind have the machine's clock.
  const shift = join(testbed.folder, 'shift.cjs');
  writeFileSync(shift, 'const { now } = Date;\nDate.now = () => now() + 3 * 86_400_000;\n');
  // Without its port it is asked by SSH.
  rmSync(join(testbed.folder, 'orch/hosts'), { recursive: true });
  expect(await ask({ NODE_OPTIONS: `--require ${shift}` })).toMatchObject({
    code: 255,
    stderr: expect.stringMatching(/clock says .* 72 h behind this workstation's/),
  });
});
