import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FaultsLab, faultsLab } from './faults-lab.ts';

let lab: FaultsLab;
beforeAll(async () => {
  lab = await faultsLab(2);
});
afterAll(() => lab?.end());

const hosts = { vm01: {}, vm02: {} };
const measure = (expected: string) => ({
  reach: {
    endpoints: { vm01: '172.16.91.10', vm02: '172.16.91.14' },
    ...{ from: 'vm01', expect: expected, count: 1, timeout: 0.3 },
  },
});

test('a run whose cells are not as expected says why, and ends as it would without', async () => {
  const green = await lab.run('green', hosts, [measure('reached')]);
  expect([green.code, green.report.why]).toEqual([0, undefined]);

  await lab.on('vm02', 'sysctl -qw net.ipv4.icmp_echo_ignore_all=1');
  const red = await lab.run('red', hosts, [measure('reached')]);
  expect(red.code).toBe(3);
  expect(red.stdout).toContain('WHY [1 verdict] ****');
  expect(red.stdout).toMatch(/\((?:certain|likely): echo-ignored\)\ncells {3}vm01 -> vm02\n/);
  expect(red.report.why?.verdicts.map(({ cause, cells }) => ({ cause, cells }))).toEqual([
    { cause: 'echo-ignored', cells: [{ from: 'vm01', to: 'vm02', address: '172.16.91.14' }] },
  ]);
  expect(red.report.reach[0]?.verdict).toBe(0);
  const silent = await lab.run('red', hosts, [measure('reached')], { args: ['--no-why'] });
  expect([silent.code, silent.report.why]).toEqual([3, undefined]);

  await lab.on('vm02', 'sysctl -qw net.ipv4.icmp_echo_ignore_all=0');
  const unwanted = await lab.run('unwanted', hosts, [measure('unreachable')]);
  expect(unwanted.code).toBe(3);
  expect(unwanted.report.why).toMatchObject({ verdicts: [], unwanted: [{ from: 'vm01', to: 'vm02' }] });
});
