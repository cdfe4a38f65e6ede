import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { judge } from '../../controller/reach/why/judge.ts';
import { evidenceSchema } from '../../controller/reach/why/seen/evidence.ts';
import type { DoctorReport } from '../../controller/report/why/doctor-types.ts';
import type { WhyReport } from '../../controller/report/why/why-types.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';

// A case is a lab that shell commands make (labs.sh), and the questions that are asked of it: `FROM TO [OPTION...]`.
const lab = z.strictObject({
  why: z.string(),
  /** Tried by every run of the tests; the others with ORCH_TEST_ALL=1. */
  always: z.boolean().default(false),
  /** By host. */
  hosts: z.record(z.string(), z.string()),
  asks: z.array(z.string()).min(1),
});
/** All is well: each question is answered, and nobody may be blamed. */
const healthyLab = lab.extend({
  /** What `orch doctor` rightly says of it all the same. */
  doctor: z.array(z.string()).default([]),
  /** A kernel parameter that it is about, below /proc/sys; kernels without it are left out. */
  needs: z.string().optional(),
});
/** Traffic of others (traffic.mjs) goes on meanwhile, as `HOST/NETNS KIND ARG...`. */
const noisyLab = lab.extend({
  noise: z.array(z.string()).min(1),
  /** What is wrong with the lab, by `CAUSE PLACE [DEVICE]`; none: nothing is. */
  verdicts: z.array(z.string()).default([]),
});

const here = import.meta.dirname;
const words = readFileSync(join(here, 'labs.sh'), 'utf8');
/** The program on a host, whose /tmp is its own. */
const traffic = '/run/traffic.mjs';

function casesOf<Case extends z.infer<typeof lab>>(folder: string, schema: z.ZodType<Case>) {
  return readdirSync(join(here, folder))
    .map((file) => ({
      name: file.slice(0, -4),
      ...schema.parse(parse(readFileSync(join(here, folder, file), 'utf8'))),
    }))
    .filter(({ always }) => always || process.env.ORCH_TEST_ALL === '1');
}

const all = ['vm01', 'vm02'];
/** Where packets are watched: on emulated hosts, which have a kernel of their own. Debian 12 has no Node but the agent's. */
const places = [
  { name: 'namespaces', driver: ['netns'], node: process.execPath },
  { name: 'Linux 6.1', driver: ['qemu', '--release', 'bookworm'], node: '/var/lib/orch/node/*/node' },
  { name: 'Linux 6.12', driver: ['qemu', '--release', 'trixie'], node: 'node' },
].filter(({ name }) => name === 'namespaces' || process.env.ORCH_TEST_ALL === '1');

/** Takes away whatever the case before has left. */
const clean = `
for name in $(ip netns list | cut -d" " -f1); do ip netns pids "$name" | xargs -r kill; ip netns del "$name"; done
for name in $(ip -o link show | sed -n 's/^[0-9]*: \\([^:@]*\\).*/\\1/p'); do
  case $name in lo | ens34) ;; *) ip link del "$name" ;; esac
done
ip route flush root 10.0.0.0/8
sysctl -qw net.ipv4.ip_forward=0`;

const placeOf = ({ host, netns }: { readonly host: string; readonly netns: string }) =>
  netns === '' ? host : `${host}/${netns}`;

describe.each(places)('on $name', ({ driver, node }) => {
  let testbed: OwnTestbed;
  beforeAll(async () => {
    testbed = ownTestbed();
    await testbed.up(...driver);
    const reached = await testbed.orch(['do', 'all', '-m', 'ping']);
    expect(reached.code, reached.stderr).toBe(0);
    const program = readFileSync(new URL('./traffic.mjs', import.meta.url), 'utf8');
    for (const host of all) await testbed.on(host, `cat > ${traffic}`, program);
  });
  afterAll(() => testbed.end());

  async function make(hosts: Readonly<Record<string, string>>): Promise<void> {
    for (const host of all) {
      const variables = `node=$(echo ${node})\ntraffic=${traffic}\n`;
      const made = await testbed.on(host, `${clean}\n${variables}${words}${hosts[host] ?? ''}`);
      expect(made.code, made.stderr).toBe(0);
    }
  }

  /** Asks, and gives what was answered and all that was seen. */
  async function why(question: string) {
    const seen = join(testbed.folder, 'seen.yml');
    const args = [...question.split(' '), '--record', seen, '--output', 'json'];
    const { code, stdout, stderr } = await testbed.orch(['why', ...args]);
    expect(stdout, stderr).toMatch(/^\{/);
    const { evidence } = z.strictObject({ evidence: evidenceSchema }).parse(parse(readFileSync(seen, 'utf8')));
    return { code, report: JSON.parse(stdout) as WhyReport, evidence };
  }

  async function doctor(): Promise<readonly string[]> {
    const { stdout, stderr } = await testbed.orch(['doctor', '--output', 'json']);
    expect(stdout, stderr).toMatch(/^\{/);
    const { findings } = JSON.parse(stdout) as DoctorReport;
    return findings.map((finding) => [finding.check, placeOf(finding), finding.device].filter(Boolean).join(' '));
  }

  describe('all is well', () => {
    test.for(casesOf('healthy', healthyLab))(
      '$name',
      { timeout: 240_000 },
      async ({ hosts, asks, doctor: expected, needs }, { skip }) => {
        const lacks = needs !== undefined && (await testbed.on('vm02', `test -e /proc/sys/${needs}`)).code !== 0;
        if (lacks) skip(`this kernel has no ${needs}`);
        await make(hosts);
        for (const question of asks) {
          const { code, report, evidence } = await why(question);
          expect([question, report.outcome, report.message, code]).toEqual([question, 'replied', '', 0]);
          expect(report.verdicts).toEqual([]);
          // Had the answer been lost for a reason that nobody can see, nobody might be blamed either.
          const silent = judge({ ...evidence, probe: { ...evidence.probe, outcome: 'silent' } });
          expect(silent.map(({ confidence, sentence }) => ({ question, confidence, sentence }))).toMatchObject([
            { confidence: 'unknown' },
          ]);
        }
        expect(await doctor()).toEqual(expected);
      },
    );
  });

  describe('others make noise', () => {
    test.each(casesOf('noisy', noisyLab))('$name', { timeout: 240_000 }, async ({ hosts, asks, noise, verdicts }) => {
      await make(hosts);
      const noises = noise.map((line) => {
        const [place = '', ...args] = line.split(' ');
        const [host = '', netns = ''] = place.split('/');
        const argv = ['ip', 'netns', 'exec', netns, node, traffic, ...args];
        return testbed.asking(host, argv.join(' '));
      });
      // Each goes on before the first question, and after the last.
      const begun = await Promise.all(noises.map(async (sent) => Number(await sent('begun?'))));
      for (const question of asks) {
        const { code, report } = await why(question);
        const found = report.verdicts.map((verdict) =>
          [verdict.cause, placeOf(verdict), verdict.device].filter((part) => part !== undefined).join(' '),
        );
        expect([question, code, found]).toEqual([question, verdicts.length === 0 ? 0 : 3, verdicts]);
      }
      for (const [index, sent] of noises.entries())
        expect(Number(await sent('and now?'))).toBeGreaterThan(begun[index] ?? 0);
    });
  });
});
