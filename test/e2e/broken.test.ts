import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import * as z from 'zod';
import type { Mend, Verdict, WhyReport } from '../../controller/report/why-types.ts';
import {
  type BrokenLab,
  type BrokenResult,
  type BrokenResults,
  brokenFolder,
  brokenLabs,
  brokenResults,
  resultsFile,
} from '../../scripts/docs/broken-labs.ts';
import { destroyWell, runLab, surprises } from './lab-runs.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';

/** Those are tried by every run of the tests on this machine, all with ORCH_TEST_ALL=1; on emulated hosts they take minutes. */
const always = /^(rp-filter-zero|forwarding-off|filter-rule)$/;
const all = process.env.ORCH_TEST_ALL === '1';
/** Writes what is found, instead of holding it to what was found before. */
const writing = process.env.ORCH_TEST_WRITE === '1';

const places = [
  { name: 'namespaces', driver: ['netns'] },
  { name: 'Linux 6.1', driver: ['qemu', '--release', 'bookworm'] },
  { name: 'Linux 6.12', driver: ['qemu', '--release', 'trixie'] },
].filter(({ name }) => all || name === 'namespaces');

const labs = brokenLabs().filter(({ name }) => all || always.test(name));
const reachTask = z.looseObject({ reach: z.looseObject({}) });
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
  let level = 'none';
  let testbed: OwnTestbed;

  beforeAll(async () => {
    testbed = ownTestbed();
    expect(await testbed.orch(['testbed', 'up', '--driver', ...driver])).toMatchObject({ code: 0 });
  });
  afterAll(() => testbed.end());
  // After each, so that a run that is cut short has not been for nothing.
  afterEach(() => {
    const labs = { ...before, ...results };
    if (writing) writeFileSync(resultsFile, resultsText({ ...brokenResults(), [place]: { level, labs } }));
  });

  /** Does what a mend says as a part of the lab, and measures as the lab does: what still is not as it wishes. */
  async function mending({ name, measure }: BrokenLab, { host, tasks }: Mend): Promise<readonly unknown[]> {
    const play = { lab: name, become: true, gather_facts: false };
    // An ARP question that was lost is asked again after a second.
    const again = 'reach' in measure ? { reach: { ...reachTask.parse(measure).reach, count: 3 } } : measure;
    // What nobody answered is not asked again at once.
    const forget = { command: { argv: ['sh', '-c', 'ip neigh flush all; ip -all netns exec ip neigh flush all'] } };
    const plays = [
      { hosts: host, ...play, tasks: parse(tasks) },
      { hosts: 'all', ...play, tasks: [forget] },
      { hosts: 'vm02', ...play, tasks: [again] },
    ];
    const file = join(testbed.folder, 'mend.yml');
    writeFileSync(file, stringify(plays, { version: '1.1' }));
    const report = await runLab(testbed, file, '--no-why');
    return [...Object.values(report.failures), ...surprises(report)];
  }

  test.each(labs)('$name', async (lab) => {
    const { from, to, args, cause, at, mend } = lab.answer;
    const file = join(brokenFolder, `${lab.name}.yml`);
    const run = await runLab(testbed, file, '--no-why');
    if (Object.values(run.failures).some(({ code }) => code === 'unsupported-by-host')) {
      results[lab.name] = { result: 'lacks' };
      return;
    }
    try {
      const failed = run.tasks.filter(({ status }) => status === 'failed').map(({ task }) => task);
      // What no matrix measures fails a task: a service that does not answer.
      const [exit, last] = 'reach' in lab.measure ? [3, []] : [2, [lab.measure.name]];
      expect({ exit: run.exit, failed }, JSON.stringify(run.failures)).toEqual({ exit, failed: last });
      const said = await testbed.orch(['why', from, to, ...args, '--output', 'json']);
      expect(said.code, said.stderr).toBe(3);
      const { verdicts, watched } = JSON.parse(said.stdout) as WhyReport;
      level = watched.find(({ host }) => host === 'vm02')?.level ?? level;
      const result = judged(lab.answer, verdicts);
      results[lab.name] = result;
      const known = before[lab.name];
      if (result.result !== 'unknown' || known?.result !== 'unknown')
        expect(verdicts.map(found), verdicts[0]?.sentence).toEqual([{ cause, at, mend }]);
      const [verdict] = verdicts;
      if (verdict?.mend === undefined) return;
      const left = await mending(lab, verdict.mend);
      results[lab.name] = { ...result, mended: left.length === 0 };
      if (known?.mended !== false) expect(left).toEqual([]);
    } finally {
      const { hosts } = await destroyWell(testbed, file);
      expect(hosts.filter(({ proof }) => proof?.proved === false)).toEqual([]);
    }
  });
});
