// The agent's own cost of a task with nothing to do: what it takes from task to result inside the agent, by module,
// in a scratch namespace, over mutual TLS. Needs root. `-- --json FILE` writes the samples.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { StatusResponse } from '../proto/gen/orch/v1/agent.ts';
import { AgentHome, bundleAgent } from '../test/e2e/agent-process.ts';
import { RunClient, task } from '../test/rpc/run-client.ts';
import { ask } from '../test/rpc/test-agent.ts';

const rounds = 200;
const { values } = parseArgs({ options: { json: { type: 'string' } } });
const netns = `bench${process.pid}`;

const tasks: readonly (readonly [string, unknown])[] = [
  ['netns', { name: netns }],
  ['link', { name: 'v0', type: 'veth', peer: 'v1', netns, state: 'up' }],
  ['address', { address: '10.9.9.1/24', dev: 'v0', netns }],
  ['route', { dst: '10.8.0.0/16', via: '10.9.9.2', netns }],
  ['sysctl', { name: 'net.ipv4.conf.v0.rp_filter', value: '2', netns }],
];

function median(samples: readonly number[]): number {
  return [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'orch-bench-'));
  const home = await AgentHome.make(await bundleAgent(folder));
  const began = performance.now();
  await home.serve();
  const startMs = performance.now() - began;
  try {
    const client = await home.client();
    const rss = async () => (await ask<StatusResponse>((done) => client.status({ lab: '' }, done))).rssBytes / 2 ** 20;
    const startRssMb = await rss();
    const list = (count: number) =>
      Array.from({ length: count }, (_, round) =>
        tasks.map(([module, params], at) => task(round * tasks.length + at + 1, module, [params], { diff: false })),
      ).flat();
    await new RunClient(client)
      .open('bench', 'make')
      .tasks(...list(1))
      .close()
      .next('closed');
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
      tasks.map(([module]) => [module, median(done.filter((item) => item.module === module).map(({ ms }) => ms))]),
    );
    const result = {
      medianMs: median(done.map(({ ms }) => ms)),
      byModule,
      startMs,
      startRssMb,
      idleRssMb: await rss(),
      samples: done.map(({ ms }) => ms),
    };
    console.log({ ...result, samples: result.samples.length });
    if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(result));
  } finally {
    home.remove();
    rmSync(folder, { recursive: true });
    execFileSync('ip', ['netns', 'delete', netns], { stdio: 'ignore' });
  }
}

await main();
