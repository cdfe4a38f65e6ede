// `npm run bench [-- --json FILE] [--rounds N] [--driver netns|qemu] [--only PART]`: orch beside others, and beside its budgets.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { budgets, budgetText } from './budgets.ts';
import { compare } from './compare.ts';
import { withHosts } from './hosts.ts';
import { interrupted, type Timing } from './measure.ts';
import { agentFigures, bundleBytes, helpTiming, meshTiming, simulatedFigures } from './sections.ts';
import { tracingFigures } from './tracing.ts';
import { wideFigures } from './wide.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    rounds: { type: 'string', default: '7' },
    driver: { type: 'string', default: 'qemu' },
    only: { type: 'string' },
  },
});
const rounds = Number(options.rounds);
const driver = options.driver === 'netns' ? 'netns' : 'qemu';
if (!Number.isInteger(rounds) || rounds < 1 || options.driver !== driver) {
  console.error('usage: npm run bench [-- --json FILE] [--rounds N] [--driver netns|qemu] [--only PART]');
  process.exit(4);
}
const tracingRounds = 3;
const root = process.getuid?.() === 0;

/** What apt can add to the comparison; without root, what is missing is only said. */
function installPeers(): void {
  try {
    execFileSync('ansible-playbook', ['--version'], { stdio: 'ignore' });
    return;
  } catch {
    if (!root) return;
  }
  console.log('installing ansible-core and ansible-mitogen through apt, to compare with');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update', '-q'], { stdio: 'ignore', env });
  execFileSync('apt-get', ['install', '-qy', '--no-install-recommends', 'ansible-core', 'ansible-mitogen'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  });
}

/** A part of the bench; when it can't be measured that is said, and the others go on. */
async function section<T>(name: string, measure: () => Promise<T>): Promise<T | undefined> {
  if (interrupted.aborted || (options.only !== undefined && options.only !== name)) return undefined;
  try {
    return await measure();
  } catch (error) {
    process.exitCode = 1;
    if (!interrupted.aborted) console.log(`${name}: failed: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

const needsRoot = <T>(measure: () => Promise<T>) => (root ? measure() : Promise.reject(new Error('needs root')));

function timingText(name: string, { medianMs, minMs, maxMs }: Timing): string {
  const ms = (value: number) => `${value.toFixed(0)} ms`.padStart(9);
  return `${name.padEnd(26)}${ms(medianMs)}   (${ms(minMs)} ..${ms(maxMs)})`;
}

if (options.only === undefined || options.only === 'comparison') installPeers();
const load = loadavg()[0] ?? 0;
if (load > 1) console.log(`this machine is busy (load ${load.toFixed(1)}): times will be longer than they need be`);

const comparison = await section('comparison', () => withHosts(driver, (hosts) => compare(hosts, rounds)));
if (comparison) {
  console.log(
    `the lab's apply part, 10 tasks (16 items), nothing to change; ${driver} testbed, ${rounds} rounds: median (min .. max)`,
  );
  for (const [name, timing] of Object.entries(comparison.timings)) console.log(timingText(name, timing));
  for (const [name, reason] of Object.entries(comparison.notTimed)) {
    console.log(`${name.padEnd(26)}   not timed: ${reason}`);
  }
}
const help = await section('orch --help', helpTiming);
const agent = await section('agent', () => needsRoot(agentFigures));
const simulated = await section('simulated agents', simulatedFigures);
const wide = await section('200 namespaces', () => needsRoot(() => withHosts('netns', wideFigures)));
const tracing = await section('tracing', () => withHosts('qemu', (hosts) => tracingFigures(hosts, tracingRounds)));
if (tracing) {
  const mbits = (samples: readonly number[]) => samples.map((one) => one.toFixed(0)).join(' ');
  const streams = { 'packets passed on together': tracing.together, 'each packet alone': tracing.alone };
  for (const [how, { plain, watched, lossPercent }] of Object.entries(streams)) {
    const lost = `${lossPercent.toFixed(0)} % lost`;
    console.log(
      `a TCP stream through a host, ${how}, Mbit/s: ${mbits(plain)}; ${tracing.level}: ${mbits(watched)}; ${lost}`,
    );
  }
}
const mesh = await section('mesh', () => needsRoot(() => withHosts('netns', meshTiming)));

if (interrupted.aborted) {
  process.exitCode = 130;
} else {
  const measured = { comparison, help, agent, simulated, mesh, wide, tracing, bundleBytes: bundleBytes() };
  const lines = budgets(measured);
  console.log(`\nbudgets\n${lines.map(budgetText).join('\n')}`);
  if (options.json) {
    const { ratios, ...compared } = comparison ?? { ratios: {} };
    const result = { driver, rounds, load, ratios, budgets: lines, ...compared, ...measured, comparison: undefined };
    writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
  }
}
