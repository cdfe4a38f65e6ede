// The agent's own cost of a task with nothing to do: what it takes from task to result inside the agent, by module,
// in a scratch namespace, over mutual TLS. Needs root and a build. `-- --json FILE` writes the samples.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { StatusResponse } from '../proto/gen/orch/v1/agent.ts';
import { AgentHome } from '../test/e2e/agent-process.ts';
import { RunClient } from '../test/rpc/run-client.ts';
import { task } from '../test/rpc/tasks.ts';
import { ask } from '../test/rpc/test-agent.ts';
import { type Timing, timing } from './measure.ts';

/** What is written with --json. */
export interface AgentFigures {
  readonly medianMs: number;
  readonly byModule: Readonly<Record<string, number>>;
  readonly start: Timing;
  readonly startRssMb: number;
  /** After three runs of a lab's size. */
  readonly idleRssMb: number;
  /** After a thousand tasks in one run. */
  readonly busyRssMb: number;
  readonly samplesMs: readonly number[];
}

const rounds = 200;
const starts = 5;
const { values } = parseArgs({ options: { json: { type: 'string' } } });
const netns = `bench${process.pid}`;

const tasks: readonly (readonly [string, unknown])[] = [
  ['netns', { name: netns }],
  ['veth', { name: 'v0', peer: 'v1', netns, state: 'up' }],
  ['address', { address: '10.9.9.1/24', dev: 'v0', netns }],
  ['route', { dst: '10.8.0.0/16', via: '10.9.9.2', netns }],
  ['sysctl', { name: 'net.ipv4.conf.v0.rp_filter', value: '2', netns }],
];

/** Milliseconds from the start of the process until it serves. */
async function startMs(): Promise<number> {
  const home = await AgentHome.make();
  try {
    const began = performance.now();
    await home.serve();
    return performance.now() - began;
  } finally {
    home.remove();
  }
}

async function main(): Promise<void> {
  const startsMs: number[] = [];
  for (let round = 0; round < starts; round += 1) startsMs.push(await startMs());
  const home = await AgentHome.make();
  try {
    await home.serve();
    const client = await home.client();
    const rss = async () => (await ask<StatusResponse>((done) => client.status({ lab: '' }, done))).rssBytes / 2 ** 20;
    const startRssMb = await rss();
    const list = (count: number) =>
      Array.from({ length: count }, (_, round) =>
        tasks.map(([module, params], at) => task(round * tasks.length + at + 1, module, [params], { diff: false })),
      ).flat();
    // The first makes what is named, the others are as many tasks as a lab's runs have.
    for (const run of ['make', 'again', 'and again'])
      await new RunClient(client)
        .open('bench', run)
        .tasks(...list(3))
        .close()
        .next('closed');
    const idleRssMb = await rss();
    const run = new RunClient(client)
      .open('bench', 'noop')
      .tasks(...list(rounds))
      .close();
    await run.next('closed');
    const done = run.all('itemDone').map(({ task: id, durationUs, diagnostic, status }) => {
      if (status !== 1) throw new Error(`task ${id} was not a no-op: ${diagnostic?.summary ?? status}`);
      return { module: tasks[(id - 1) % tasks.length]?.[0] ?? '', ms: durationUs / 1000 };
    });
    const byModule = Object.fromEntries(
      tasks.map(([module]) => [
        module,
        timing(done.filter((item) => item.module === module).map(({ ms }) => ms)).medianMs,
      ]),
    );
    const result: AgentFigures = {
      medianMs: timing(done.map(({ ms }) => ms)).medianMs,
      byModule,
      start: timing(startsMs),
      startRssMb,
      idleRssMb,
      busyRssMb: await rss(),
      samplesMs: done.map(({ ms }) => ms),
    };
    console.log({ ...result, samplesMs: result.samplesMs.length });
    if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(result));
  } finally {
    home.remove();
    execFileSync('ip', ['netns', 'delete', netns], { stdio: 'ignore' });
  }
}

await main();
