import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownTestbed } from './own-testbed.ts';

const testbed = ownTestbed();
beforeAll(async () => {
  await testbed.up('netns');
});
afterAll(() => testbed.end());

/** How many monitors of changes run on a host. */
async function monitorsOn(host: string): Promise<number> {
  return Number((await testbed.on(host, 'ps ax | grep -c "orc[h]-monitor"')).stdout);
}

async function until(held: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 20_000; !(await held()); await sleep(50)) {
    if (performance.now() > end) throw new Error('it did not come about');
  }
}

test('all are answered: exit code 0, and nothing is left', async () => {
  const said = await testbed.orch(['watch', 'vm02', '172.16.91.10', '--count', '2', '--interval', '0.1']);
  expect(said).toMatchObject({ code: 0, stderr: '' });
  expect(said.stdout).toContain('vm02 -> 172.16.91.10: 2 of 2 answered\n');
  await until(async () => (await monitorsOn('vm02')) + (await monitorsOn('vm01')) === 0);
});

test('what changed before a loss is said', { timeout: 40_000 }, async () => {
  const asked = async () =>
    (await testbed.on('vm01', 'grep ^Icmp: /proc/net/snmp')).stdout.split('\n')[1]?.split(' ')[9];
  const before = await asked();
  const watching = testbed.orch(['watch', 'vm02', '172.16.91.10', '--interval', '0.2', '--probe-timeout', '0.3'], {
    kill: [/changed on the way(.|\n)*1\n/],
  });
  await until(async () => (await asked()) !== before);
  await testbed.on('vm01', 'sysctl -qw net.ipv4.icmp_echo_ignore_all=1');
  const said = await watching;
  await testbed.on('vm01', 'sysctl -qw net.ipv4.icmp_echo_ignore_all=0');
  expect(said.code, said.stderr).toBe(3);
  expect(said.stdout).toMatch(/: echo-ignored\)/);
  expect(said.stdout).toMatch(/ vm01 +sysctl: net\/ipv4\/icmp_echo_ignore_all: 0 -> 1\n/);
});

test.skipIf(process.env.ORCH_TEST_ALL !== '1')('a killed agent leaves no monitor', { timeout: 40_000 }, async () => {
  const watching = testbed.orch(['watch', 'vm02', '172.16.91.10']);
  await until(async () => (await monitorsOn('vm02')) > 0);
  await testbed.on('vm02', `kill -9 ${await testbed.agentPid('vm02')}`);
  await until(async () => (await monitorsOn('vm02')) === 0);
  expect(await watching).toMatchObject({ code: 2 });
});
