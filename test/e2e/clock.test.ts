import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownTestbed } from './own-testbed.ts';

const testbed = ownTestbed();
beforeAll(async () => {
  await testbed.up('netns');
  expect(await ask(0)).toMatchObject({ code: 0 });
});
afterAll(() => testbed.end());

/** With this side's clock off: hosts of this kind have the machine's own. */
const ask = (hours: number) => {
  const shift = join(testbed.folder, `shift${hours}.cjs`);
  writeFileSync(shift, `const { now } = Date;\nDate.now = () => now() + ${hours} * 3_600_000;\n`);
  // Nothing known of the host: it is asked by SSH.
  rmSync(join(testbed.folder, 'orch/hosts'), { recursive: true, force: true });
  return testbed.orch(['exec', 'vm01', '--', 'true'], { env: { NODE_OPTIONS: `--require ${shift}` } });
};

test.each([30, 72, -200])('an agent that serves answers whatever the clock says: %i h off', async (hours) => {
  expect(await ask(hours)).toMatchObject({ code: 0 });
});

test('a clock is named for which an agent that serves takes nobody', async () => {
  // The certificates of this side are made anew, and begin in what is the host's future.
  rmSync(join(testbed.folder, 'orch/ca/client.pem'));
  expect(await ask(72)).toMatchObject({
    code: 255,
    stderr: expect.stringMatching(/clock says .* 72 h behind this workstation's/),
  });
  rmSync(join(testbed.folder, 'orch/ca/client.pem'));
});

test('a clock is named for which an agent would get certificates that are not valid', async () => {
  await testbed.on('vm01', 'rm /var/lib/orch/tls/agent.pem');
  expect(await ask(72)).toMatchObject({
    code: 255,
    stderr: expect.stringMatching(/clock says .* 72 h behind this workstation's/),
  });
});
