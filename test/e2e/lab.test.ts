import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';

const playbook = (name: string) => join(import.meta.dirname, '../../playbooks', `${name}.yml`);

const kinds = [
  { name: 'netns', options: ['--driver', 'netns'], lab: 'lab-macvlan' },
  { name: 'qemu, Debian 13', options: ['--driver', 'qemu'], lab: 'lab' },
  { name: 'qemu, Debian 12, without Node', options: ['--driver', 'qemu', '--release', 'bookworm'], lab: 'lab' },
];

interface Report {
  readonly hosts: Readonly<Record<string, { readonly changed: number; readonly failed: number }>>;
  readonly reach: readonly { readonly from: string; readonly to: string; expected: string | null; observed: string }[];
}

/** Runs a playbook on the testbed that is up, and gives its report; fails unless all went well. */
async function run(testbed: OwnTestbed, name: string): Promise<Report> {
  const ended = await testbed.orch(['run', playbook(name), '--output', 'json']);
  expect(ended).toMatchObject({ code: 0 });
  return JSON.parse(ended.stdout) as Report;
}

/** The cells of a matrix that are not as the playbook expects. */
const surprises = (report: Report) => report.reach.filter(({ expected, observed }) => expected !== observed);

describe.each(kinds)('the lab on $name', ({ options, lab }) => {
  const testbed = ownTestbed();

  beforeAll(async () => {
    expect(await testbed.orch(['testbed', 'up', ...options])).toMatchObject({ code: 0 });
  });

  afterAll(() => testbed.end());

  it('is made as written, every cell as expected', { timeout: 180_000 }, async () => {
    const report = await run(testbed, lab);
    expect(report.reach.length).toBeGreaterThanOrEqual(15);
    expect(surprises(report)).toEqual([]);
    expect(report.hosts.vm02?.changed).toBeGreaterThan(0);
  });

  it('is left alone by a second run', async () => {
    const report = await run(testbed, lab);
    expect(report.hosts).toMatchObject({ vm01: { changed: 0, failed: 0 }, vm02: { changed: 0, failed: 0 } });
    expect(surprises(report)).toEqual([]);
  });
});

describe("the seed's story", () => {
  const testbed = ownTestbed();

  beforeAll(async () => {
    expect(await testbed.orch(['testbed', 'up', '--driver', 'qemu'])).toMatchObject({ code: 0 });
  });

  afterAll(() => testbed.end());

  it.each(['seed-step1', 'seed-step2', 'seed-step3', 'seed-step1', 'lab'])('goes by %s', async (step) => {
    expect(surprises(await run(testbed, step))).toEqual([]);
  });
});
