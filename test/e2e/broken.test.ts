import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import * as z from 'zod';
import type { Mend, Verdict, WhyReport } from '../../controller/report/why/why-types.ts';
import {
  type BrokenLab,
  type BrokenResult,
  type BrokenResults,
  brokenFolder,
  brokenLabs,
  brokenResults,
  resultsFile,
} from '../../scripts/docs/broken-labs.ts';
import { destroyWell, runLab, runWell } from './lab-runs.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';

/** Those are tried by every run of the tests on this machine, all with ORCH_TEST_ALL=1; on emulated hosts they take minutes. */
const always = /^(rp-filter-zero|forwarding-off|filter-rule)$/;
const all = process.env.ORCH_TEST_ALL === '1';
/** The ends of the healthy labs, which all reach each other. */
const ends: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  routed: { 'vm02/client': '10.1.0.2', 'vm02/router': '10.1.0.1', 'vm02/server': '10.2.0.2' },
  'routed, IPv6': { 'vm02/client': 'fd00:1::2', 'vm02/router': 'fd00:1::1', 'vm02/server': 'fd00:2::2' },
  bridged: { 'vm02/one': '10.3.0.1', 'vm02/two': '10.3.0.2', 'vm02/three': '10.3.0.3' },
  'two-hosts': { 'vm02/pod': '10.9.0.2', vm01: '172.16.91.10', vm02: '172.16.91.14' },
  vxlan: { vm01: '10.5.0.10', vm02: '10.5.0.14' },
  gre: { vm01: '10.11.0.10', vm02: '10.11.0.14' },
  wireguard: { vm01: '10.8.0.10', vm02: '10.8.0.14' },
  trunk: { 'vm02/one': '10.6.0.1', 'vm02/two': '10.6.0.2', 'vm02/three': '10.6.0.3' },
  access: { 'vm02/one': '10.7.0.1', 'vm02/two': '10.7.0.2', 'vm02/three': '10.7.0.3' },
  bonded: { 'vm02/left': '10.4.0.1', 'vm02/right': '10.4.0.2' },
  leaking: { 'vm02/client': '10.1.0.2', 'vm02/server': '10.2.0.2' },
  'ipvlan-l3': { vm01: '172.16.91.10', 'vm02/pod': '172.16.91.141' },
};
/**
 * Labs whose healthy part changes something beside the mend, which knows what it found and not what was meant: it says
 * otherwise, or more went along, as the IPv6 addresses of a link that goes down, or the MAC of one that is made anew.
 */
const changesMore = new Set([
  'bond-no-port',
  'duplicate-mac',
  'link-down',
  'martian-loopback',
  'no-carrier',
  'no-route',
  'no-route-back',
  'no-way-back-to-the-pod',
  'prefix-length',
  'proxy-arp',
  'rp-filter-zero',
  'vxlan-no-entry',
  'vxlan-port',
  'vxlan-vni',
]);
/** A folder that keeps what was seen where the answer was not right: a case of test/why. */
const seenFolder = process.env.ORCH_TEST_SEEN;
/** A link that was made anew has another MAC than the one that was learned. */
const forget = {
  command: { argv: ['sh', '-c', 'ip neigh flush all; ip -all netns exec ip neigh flush all'] },
  changed_when: false,
};
/** Writes what is found, instead of holding it to what was found before. */
const writing = process.env.ORCH_TEST_WRITE === '1';

const places = [
  { name: 'namespaces', driver: ['netns'] },
  { name: 'Linux 6.1', driver: ['qemu', '--release', 'bookworm'] },
  { name: 'Linux 6.12', driver: ['qemu', '--release', 'trixie'] },
].filter(({ name }) => all || name === 'namespaces');

const labs = brokenLabs().filter(({ name }) => all || always.test(name));
const mendTasks = z.array(z.record(z.string(), z.unknown()));

/** The first task of a mend as the labs write it: {sysctl: {name, value}}. */
function mendOf({ mend }: Verdict): unknown {
  if (mend === undefined) return undefined;
  const [{ name: _, ...task } = {}] = mendTasks.parse(parse(mend.tasks));
  return Object.fromEntries(
    Object.entries(task).map(([module, params]) => {
      const { netns: __, ...rest } = z.looseObject({ netns: z.string().optional() }).parse(params);
      return [module, rest];
    }),
  );
}

function found(verdict: Verdict) {
  const { cause, host, netns, device } = verdict;
  const place = netns === '' ? host : `${host}/${netns}`;
  return { cause, at: device === undefined ? place : `${place} ${device}`, mend: mendOf(verdict) };
}

/** What `orch why` said against what the lab says. */
function judged(answer: BrokenLab['answer'], verdicts: readonly Verdict[]): BrokenResult {
  const { cause, at, mend } = answer;
  const [verdict] = verdicts;
  if (verdict === undefined || verdict.cause === 'unknown') return { result: 'unknown' };
  const right = isDeepStrictEqual(verdicts.map(found), [{ cause, at, mend }]);
  return { result: right ? 'right' : 'wrong', confidence: verdict.confidence };
}

/** A line for each lab. */
function resultsText(results: BrokenResults): string {
  const places = Object.entries(results).sort(([one], [other]) => one.localeCompare(other));
  const lines = places.flatMap(([place, { level, labs }]) => [
    `${place}:`,
    `  level: ${level}`,
    Object.keys(labs).length === 0 ? '  labs: {}' : '  labs:',
    ...Object.keys(labs)
      .sort()
      .map((name) => `    ${name}: ${JSON.stringify(labs[name])}`),
  ]);
  return `${lines.join('\n')}\n`;
}

describe.each(places)('on $name', { timeout: 240_000 }, ({ name: place, driver }) => {
  const before = brokenResults()[place]?.labs ?? {};
  const results: Record<string, BrokenResult> = {};
  let level = brokenResults()[place]?.level ?? 'none';
  let testbed: OwnTestbed;

  beforeAll(async () => {
    testbed = ownTestbed();
    await testbed.up(...driver);
  });
  afterAll(() => testbed.end());
  // After each, so that a run that is cut short has not been for nothing.
  afterEach(() => {
    const labs = { ...before, ...results };
    if (writing) writeFileSync(resultsFile, resultsText({ ...brokenResults(), [place]: { level, labs } }));
  });

  /** The healthy lab with mends pasted in, all of whose ends reach each other: how many tasks change something. */
  async function pasted({ name, base, answer }: BrokenLab, mends: readonly Mend[]): Promise<number> {
    const play = { become: true, gather_facts: false };
    const endpoints = ends[answer.to.includes(':') ? `${base}, IPv6` : base];
    const plays = [
      { import_playbook: join(brokenFolder, 'base', `${base}.yml`) },
      ...mends.map(({ host, tasks }) => ({ hosts: host, ...play, tasks: parse(tasks) })),
      { hosts: 'all', ...play, tasks: [forget] },
      { hosts: 'vm02', ...play, tasks: [{ reach: { endpoints, expect: 'reached', count: 3 } }] },
    ];
    // Its name is the lab's.
    const file = join(testbed.folder, `${name}.yml`);
    writeFileSync(file, stringify(plays, { version: '1.1' }));
    const { hosts } = await runWell(testbed, file, '--no-why');
    return Object.values(hosts).reduce((sum, { changed }) => sum + changed, 0);
  }

  test.each(labs)('$name', async (lab) => {
    const { from, to, args, modules, needs, cause, at, mend } = lab.answer;
    // Where it can't be loaded, or is a part of the kernel, the run says what is lacking.
    for (const module of modules) await testbed.on('vm02', `modprobe ${module}`);
    const file = join(brokenFolder, `${lab.name}.yml`);
    const run = await runLab(testbed, file, '--no-why');
    const lacking = Object.values(run.failures).find(
      ({ code, task }) => code === 'unsupported-by-host' || (needs !== undefined && task === needs),
    );
    try {
      if (lacking !== undefined) {
        results[lab.name] = { result: 'lacks', reason: lacking.summary };
        return;
      }
      const failed = run.tasks.filter(({ status }) => status === 'failed').map(({ task }) => task);
      // What no matrix measures fails a task: a service that does not answer.
      const [exit, last] = 'reach' in lab.measure ? [3, []] : [2, [lab.measure.name]];
      expect({ exit: run.exit, failed }, JSON.stringify(run.failures)).toEqual({ exit, failed: last });
      const seen = join(testbed.folder, `${lab.name}.seen.yml`);
      const asked = [
        'why',
        from,
        to,
        ...args,
        '--fix=likely',
        '--confirm',
        '120',
        '--record',
        seen,
        '--output',
        'json',
      ];
      const { stdout, stderr } = await testbed.orch(asked);
      expect(stdout, stderr).toMatch(/^\{/);
      const { verdicts, watched, fix } = JSON.parse(stdout) as WhyReport;
      level = watched.find(({ host }) => host === 'vm02')?.level ?? level;
      const result = judged(lab.answer, verdicts);
      results[lab.name] = result;
      if (result.result !== 'right' && seenFolder !== undefined)
        cpSync(seen, join(seenFolder, `${lab.name} on ${place}.yml`));
      const known = before[lab.name];
      if (result.result !== 'unknown' || known?.result !== 'unknown')
        expect(verdicts.map(found), verdicts[0]?.sentence).toEqual([{ cause, at, mend }]);
      const [verdict] = verdicts;
      if (verdict?.mend === undefined || fix === undefined) return;
      results[lab.name] = { ...result, mended: 'no' };
      // What its hosts could not take back.
      const byHand = fix.reason.startsWith('its mend is left to you');
      if (!byHand && known?.mended === 'no') return;
      if (!byHand) expect(fix).toMatchObject({ kept: true, reason: '', worse: [] });
      const changed = await pasted(lab, byHand ? [verdict.mend] : fix.mended.flatMap(({ mend }) => mend ?? []));
      results[lab.name] = { ...result, mended: byHand ? 'pasted' : 'fixed' };
      if (!byHand && !changesMore.has(lab.name)) expect(changed).toBe(0);
    } finally {
      const { hosts } = await destroyWell(testbed, file);
      expect(hosts.filter(({ proof }) => proof?.proved === false)).toEqual([]);
    }
  });
});
