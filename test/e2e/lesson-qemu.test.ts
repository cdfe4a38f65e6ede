import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DoctorReport } from '../../controller/report/why/doctor-types.ts';
import type { WhyReport } from '../../controller/report/why/why-types.ts';
import { doctorRecord, lessonReport } from '../../scripts/docs/lesson-page.ts';
import { runWell, shipped } from './lab-runs.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';

/** conf.all and conf.ens34 of the states that docs/rp-filter.md has records of. */
const states = [
  { name: 'zero', all: 1, ens34: 0, code: 3 },
  { name: 'loose', all: 1, ens34: 2, code: 0 },
] as const;

/** All but times, and the question that ens34 passes on to the wire whenever it comes to it. */
function lasting({ outcome, verdicts, way, watched }: WhyReport) {
  const hops = way.filter(({ device, what }) => device !== 'ens34' || what !== 'asked').map(({ us: _, ...hop }) => hop);
  return { outcome, verdicts, hops, watched: watched.map(({ host, level }) => ({ host, level })) };
}

describe.runIf(process.env.ORCH_TEST_ALL === '1')('docs/rp-filter.md', { timeout: 240_000 }, () => {
  let testbed: OwnTestbed;
  beforeAll(async () => {
    testbed = ownTestbed();
    await testbed.up('qemu');
    await runWell(testbed, shipped('seed-step2'));
  });
  afterAll(() => testbed.end());

  test.each(states)('says what the testbed says: $name', async ({ name, all, ens34, code }) => {
    const set = `cd /proc/sys/net/ipv4/conf && echo ${all} >all/rp_filter && echo ${ens34} >ens34/rp_filter`;
    // So that the questions for MACs are asked anew.
    const forget = 'ip neigh flush all; ip -n ns01 neigh flush all';
    expect(await testbed.on('vm02', `${set}; ${forget}`)).toMatchObject({ code: 0 });
    const said = await testbed.orch(['why', 'vm02/ns01', '172.16.91.14', '--output', 'json']);
    expect(said.code, said.stderr).toBe(code);
    const recorded = JSON.parse(JSON.stringify(lessonReport(name))) as WhyReport;
    expect(lasting(JSON.parse(said.stdout) as WhyReport)).toEqual(lasting(recorded));
  });

  test('doctor finds the trap before it bites', async () => {
    await testbed.on('vm02', 'echo 0 > /proc/sys/net/ipv4/conf/ens34/rp_filter');
    const said = await testbed.orch(['doctor', 'vm02', '--output', 'json']);
    expect(said.code, said.stderr).toBe(3);
    const { findings, ...report } = JSON.parse(said.stdout) as DoctorReport;
    // Of all that is to be said of that host, the trap of this lesson.
    const found = { ...report, findings: findings.filter(({ check }) => check === 'rp-filter') };
    if (process.env.ORCH_TEST_WRITE === '1') writeFileSync(doctorRecord, `${JSON.stringify(found, null, 2)}\n`);
    expect(found).toEqual(JSON.parse(readFileSync(doctorRecord, 'utf8')));
  });
});
