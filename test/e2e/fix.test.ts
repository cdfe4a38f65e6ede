import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import type { Report } from '../../controller/report/types.ts';
import type { WhyReport } from '../../controller/report/why/why-types.ts';
import { ownTestbed } from './own-testbed.ts';

// A case breaks a lab by shell commands on hosts, and says what `orch why --fix` does about it.
const caseFile = z.strictObject({
  why: z.string(),
  /** Tried by every run of the tests; the others with ORCH_TEST_ALL=1. */
  always: z.boolean().default(false),
  faults: z.record(z.string(), z.string()),
  from: z.string().default('vm02/ns01'),
  to: z.string().default('vm01'),
  fix: z.enum(['certain', 'likely']).default('likely'),
  /** Cells that should not answer: `FROM TO`. */
  unreachable: z.array(z.string()).default([]),
  /** Faults whose mend is tried, in the order in which they bite. */
  mended: z.array(z.string()),
  /** Why nothing is kept; absent: it is. */
  undone: z.string().optional(),
  worse: z.array(z.string()).default([]),
});

const folder = join(import.meta.dirname, 'fix');
const cases = readdirSync(folder)
  .map((file) => ({ name: file.slice(0, -4), ...caseFile.parse(parse(readFileSync(join(folder, file), 'utf8'))) }))
  .filter(({ always }) => always || process.env.ORCH_TEST_ALL === '1');

const testbed = ownTestbed();
const labFolder = join(testbed.folder, 'lab');
const inventory = join(testbed.folder, 'orch/testbed/inventory.yml');
const namespaces = [
  { name: 'ns01', outer: 'v1', inner: 'c1', net: '10.9.1' },
  { name: 'ns02', outer: 'v2', inner: 'c2', net: '10.9.2' },
];

beforeAll(async () => {
  mkdirSync(labFolder);
  await testbed.up('netns');
});
afterAll(() => testbed.end());

/** What a case may leave behind beside the lab's own. */
const heal = `
  for name in $(ip netns list | cut -d" " -f1); do ip netns pids $name | xargs -r kill; ip netns del $name; done
  for type in blackhole prohibit unreachable; do ip route flush type $type; done
  ip route flush root 10.9.0.0/16; ip rule del priority 100 2>/dev/null; nft delete table inet fault 2>/dev/null; ip xfrm policy flush
  sysctl -qw net.ipv4.icmp_echo_ignore_all=0 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.all.arp_ignore=0`;

/** A MAC that was learned meanwhile would hide a fault of ARP. */
const forget = 'ip neigh flush all; ip -all netns exec ip neigh flush all';

beforeEach(async () => {
  const commands = ['vm01', 'vm02'].map((host) => testbed.on(host, `${heal}; true`));
  await Promise.all(commands);
});

/** Two namespaces of vm02, which forwards for them. JSON is YAML. */
function writeLab(unreachable: readonly string[], pasted: WhyReport['verdicts'] = []): void {
  const loop = (name: string, task: object) => ({ name, ...task, loop: namespaces });
  const plays = [
    {
      hosts: 'vm02',
      tasks: [
        loop('namespaces', { netns: { name: '{{ item.name }}' } }),
        loop('lo', { link: { name: 'lo', state: 'up', netns: '{{ item.name }}' } }),
        loop('cables', {
          veth: { name: '{{ item.outer }}', peer: '{{ item.inner }}', peer_netns: '{{ item.name }}', state: 'up' },
        }),
        loop('inner ends', { link: { name: '{{ item.inner }}', netns: '{{ item.name }}', state: 'up' } }),
        loop('outer addresses', { address: { dev: '{{ item.outer }}', address: '{{ item.net }}.1/24' } }),
        loop('addresses', {
          address: { dev: '{{ item.inner }}', address: '{{ item.net }}.2/24', netns: '{{ item.name }}' },
        }),
        loop('gateways', { route: { dst: 'default', via: '{{ item.net }}.1', netns: '{{ item.name }}' } }),
        { sysctl: { name: 'net.ipv4.ip_forward', value: 1 } },
      ],
    },
    { hosts: 'vm01', tasks: [{ route: { dst: '{{ item.net }}.0/24', via: '172.16.91.14' }, loop: namespaces }] },
    ...pasted.flatMap(({ mend }) => (mend ? [{ hosts: mend.host, tasks: parse(mend.tasks) }] : [])),
    {
      hosts: 'all',
      tasks: [
        {
          reach: {
            endpoints: { vm01: '172.16.91.10', vm02: '172.16.91.14', 'vm02/ns01': '10.9.1.2', 'vm02/ns02': '10.9.2.2' },
            ...{ expect: 'reached', count: 2 },
            except: unreachable.map((cell) => {
              const [from, to] = cell.split(' ');
              return { from, to, expect: 'unreachable' };
            }),
          },
        },
      ],
    },
  ];
  const whole = plays.map((play) => ({ lab: 'fixed', gather_facts: false, ...play }));
  writeFileSync(join(labFolder, 'lab.yml'), JSON.stringify(whole));
}

async function run(): Promise<Report> {
  const { stdout, stderr } = await testbed.orch(['run', 'lab.yml', '-i', inventory, '--output', 'json', '--no-why'], {
    cwd: labFolder,
  });
  expect(stdout, stderr).toMatch(/^\{/);
  return JSON.parse(stdout) as Report;
}

async function why(from: string, to: string, ...args: string[]): Promise<WhyReport & { readonly code: number | null }> {
  const all = ['why', from, to, '-i', inventory, '-o', 'json', '--probe-timeout', '0.5', ...args];
  const { code, stdout, stderr } = await testbed.orch(all, { cwd: labFolder });
  expect(stdout, stderr).toMatch(/^\{/);
  return { code, ...(JSON.parse(stdout) as WhyReport) };
}

async function breakLab(faults: Readonly<Record<string, string>>): Promise<void> {
  for (const [host, commands] of Object.entries(faults)) {
    const broken = await testbed.on(host, commands);
    expect(broken.code, broken.stderr).toBe(0);
  }
}

describe.each(cases)('$name', { timeout: 240_000 }, ({ faults, from, to, fix, unreachable, mended, undone, worse }) => {
  test('is mended, or left as it was', async () => {
    writeLab(unreachable);
    const { exit } = await run();
    expect(exit).toBe(unreachable.length > 0 ? 3 : 0);
    await breakLab(faults);
    const report = await why(from, to, `--fix=${fix}`);
    const found = report.fix;
    expect(found?.mended.map(({ cause }) => cause)).toEqual(mended);
    expect(found?.worse.map((cell) => `${cell.from} ${cell.to}`)).toEqual(worse);
    expect(found?.reason).toMatch(new RegExp(`^${undone ?? ''}$`));
    expect([report.code, found?.kept]).toEqual(undone === undefined ? [0, true] : [3, false]);

    const after = await why(from, to);
    expect(after.outcome === 'replied').toBe(undone === undefined);
    if (undone !== undefined) expect(after.verdicts[0]?.cause).toBe(report.verdicts[0]?.cause);
    if (found?.run === undefined || undone !== undefined) return;

    writeLab(unreachable, found.mended);
    const again = await run();
    expect([again.exit, Object.values(again.hosts).map(({ changed }) => changed)]).toEqual([0, [0, 0]]);
    const back = await testbed.orch(['rollback', found.run, '-i', inventory], { cwd: labFolder });
    expect(back.code, back.stdout).toBe(0);
    await breakLab({ vm01: forget, vm02: forget });
    const broken = await why(from, to);
    expect(broken.verdicts[0]?.cause).toBe(mended[0]);
  });
});

test.runIf(process.env.ORCH_TEST_ALL === '1')(
  'a fix whose controller is killed goes back',
  { timeout: 240_000 },
  async () => {
    writeLab([]);
    expect((await run()).exit).toBe(0);
    await breakLab({ vm02: 'sysctl -qw net.ipv4.ip_forward=0' });
    const args = ['why', 'vm02/ns01', 'vm01', '-i', inventory, '--fix=likely', '--confirm', '4'];
    const { stdout } = await testbed.orch(args, { cwd: labFolder, kill: [/changed: \[vm02\]/], signal: 'SIGKILL' });
    expect(stdout).not.toContain('mended:');
    const forwards = async () => (await testbed.on('vm02', 'sysctl -n net.ipv4.ip_forward')).stdout;
    await expect.poll(forwards, { timeout: 60_000, interval: 500 }).toBe('0\n');
    const settled = await testbed.on('vm02', 'cat /var/lib/orch/checkpoints/fixed.settled');
    expect(JSON.parse(settled.stdout)).toMatchObject({ kept: false, reason: 'it was not confirmed within 4 s' });
  },
);
