// `npm run bench [-- --json FILE] [--rounds N] [--driver netns|qemu]`: orch beside others, in one run, in turns.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { contenders } from './contenders.ts';
import { type BenchHosts, bringUp, orch } from './hosts.ts';
import { run, type Timing, timing } from './measure.ts';
import { agentTaskMs, meshMs } from './sections.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    rounds: { type: 'string', default: '7' },
    driver: { type: 'string', default: 'qemu' },
  },
});
const rounds = Number(options.rounds);
const driver = options.driver === 'qemu' ? 'qemu' : 'netns';

/** What apt can add to the comparison; without root, what is missing is only said. */
function installPeers(): void {
  try {
    execFileSync('ansible-playbook', ['--version'], { stdio: 'ignore' });
    return;
  } catch {
    if (process.getuid?.() !== 0) return;
  }
  console.log('installing ansible-core and ansible-mitogen through apt, to compare with');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update', '-q'], { stdio: 'ignore', env });
  execFileSync('apt-get', ['install', '-qy', '--no-install-recommends', 'ansible-core', 'ansible-mitogen'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  });
}

function print(name: string, result: Timing): void {
  const ms = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} ms`.padStart(10);
  console.log(`${name.padEnd(26)}${ms(result.medianMs)}   (${ms(result.minMs)} ..${ms(result.maxMs)})`);
}

async function compare(hosts: BenchHosts): Promise<Record<string, Timing>> {
  const all = contenders(hosts);
  for (const { name, missing } of all) if (missing) console.log(`${name.padEnd(26)}   not timed: ${missing}`);
  const present = all.filter((contender) => !contender.missing);
  const samples = new Map(present.map(({ name }) => [name, [] as number[]]));
  // In turns, so that a slow minute of the machine is every contender's slow minute.
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of present) {
      await contender.prepare?.();
      samples.get(contender.name)?.push(await contender.time());
    }
  }
  return Object.fromEntries([...samples].map(([name, ms]) => [name, timing(ms)]));
}

installPeers();
const hosts = await bringUp(driver);
try {
  const kind = driver === 'qemu' ? ['-e', 'kind=ipvlan', '-e', 'mode=l2'] : [];
  const lab = join(import.meta.dirname, 'lab/orch.yml');
  // The first run makes the lab; from then on there is nothing to do for anybody.
  await run([...orch, 'run', lab, '-i', hosts.inventory, ...kind], hosts);
  console.log(
    `the lab's apply part, 10 tasks (16 items), nothing to change; ${driver} testbed, ${rounds} rounds: median (min .. max)`,
  );
  const timings = await compare(hosts);
  for (const [name, result] of Object.entries(timings)) print(name, result);

  const last = join(hosts.cwd, '.orch/runs/last/report.json');
  const agentTask = timing(agentTaskMs(JSON.parse(readFileSync(last, 'utf8'))));
  print('agent, one no-op task', agentTask);
  const mesh = timing(await meshMs(hosts));
  print('mesh of 100 endpoints', mesh);

  const median = (name: string) => timings[name]?.medianMs ?? Number.NaN;
  const ratios = {
    warmToNewSsh: median('orch warm') / median('script, new ssh'),
    warmToAnsible: median('orch warm') / median('ansible'),
    warmToMitogen: median('orch warm') / median('ansible + mitogen'),
    coldToNewSsh: median('orch cold') / median('script, new ssh'),
    coldMinusTwiceNewSshMs: median('orch cold') - 2 * median('script, new ssh'),
  };
  console.log(
    'ratios',
    JSON.stringify(ratios, (_, value) => (typeof value === 'number' ? Number(value.toFixed(4)) : value)),
  );
  if (options.json) {
    const bundleBytes = Object.fromEntries(
      readdirSync(join(import.meta.dirname, '../dist'))
        .filter((file) => file === 'agent.cjs')
        .map((file) => [file, readFileSync(join(import.meta.dirname, '../dist', file)).length]),
    );
    writeFileSync(
      options.json,
      `${JSON.stringify({ driver, rounds, ratios, timings, agentTask, mesh, bundleBytes }, null, 2)}\n`,
    );
  }
} finally {
  await hosts.down();
}
