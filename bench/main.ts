// `npm run bench [-- --json FILE] [--rounds N] [--driver netns|qemu] [--release NAME] [--only PART]`: orch beside others, and beside its budgets.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { budgets, budgetText } from './budgets.ts';
import { compare } from './compare.ts';
import { withHosts } from './hosts.ts';
import { interrupted, type Timing } from './measure.ts';
import { playsFigures, playsText } from './plays.ts';
import {
  agentFigures,
  bundleBytes,
  helpTiming,
  languageFigures,
  longFigures,
  meshTiming,
  simulatedFigures,
} from './sections.ts';
import { tracingFigures } from './tracing.ts';
import { wideFigures } from './wide.ts';

const parts = [
  'comparison',
  'playbooks',
  'orch --help',
  'agent',
  'simulated agents',
  'long playbook',
  'language',
  '200 namespaces',
  'tracing',
  'mesh',
] as const;
type Part = (typeof parts)[number];

const usage = `usage: npm run bench [-- --json FILE] [--rounds N] [--driver netns|qemu] [--release NAME] [--only PART]
PART: ${parts.join(', ')}`;

/** What is asked for; says how to ask, and ends, where it is not understood. */
function readOptions() {
  const end = (code: number, text = usage): never => {
    (code === 0 ? console.log : console.error)(text);
    process.exit(code);
  };
  try {
    const { values } = parseArgs({
      options: {
        json: { type: 'string' },
        rounds: { type: 'string', default: '7' },
        driver: { type: 'string', default: 'qemu' },
        release: { type: 'string' },
        only: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
    if (values.help) return end(0);
    const rounds = Number(values.rounds);
    const driver = (['qemu', 'netns'] as const).find((one) => one === values.driver);
    const only = parts.find((one) => one === values.only);
    const isWrong = !Number.isInteger(rounds) || rounds < 1 || only !== values.only;
    const isRelease = values.release === undefined || driver === 'qemu';
    if (driver === undefined || isWrong || !isRelease) return end(4);
    return { json: values.json, rounds, driver, release: values.release, only };
  } catch (error) {
    return end(4, `${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

const { json, rounds, driver, release, only } = readOptions();
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
async function section<T>(name: Part, measure: () => Promise<T>): Promise<T | undefined> {
  if (interrupted.aborted || (only !== undefined && only !== name)) return undefined;
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

if (only === undefined || only === 'comparison' || only === 'playbooks') installPeers();
const load = loadavg()[0] ?? 0;
if (load > 1) console.log(`this machine is busy (load ${load.toFixed(1)}): times will be longer than they need be`);

const comparison = await section('comparison', () => withHosts(driver, (hosts) => compare(hosts, rounds), { release }));
if (comparison) {
  console.log(
    `the lab's apply part, 10 tasks (16 items), nothing to change; ${driver} testbed, ${rounds} rounds: median (min .. max)`,
  );
  for (const [name, timing] of Object.entries(comparison.timings)) console.log(timingText(name, timing));
  for (const [name, reason] of Object.entries(comparison.notTimed)) {
    console.log(`${name.padEnd(26)}   not timed: ${reason}`);
  }
}
const plays = await section('playbooks', () => needsRoot(playsFigures));
if (plays) console.log(playsText(plays));
const help = await section('orch --help', helpTiming);
const agent = await section('agent', () => needsRoot(agentFigures));
const simulated = await section('simulated agents', simulatedFigures);
const long = await section('long playbook', longFigures);
const language = await section('language', languageFigures);
const wide = await section('200 namespaces', () =>
  needsRoot(() => withHosts('netns', (hosts) => wideFigures(hosts, rounds))),
);
if (wide) {
  console.log(`a host with 200 namespaces, about 1,000 objects; ${rounds} rounds: median (min .. max)`);
  console.log(timingText("ip's batches, new ssh", wide.script));
  console.log(timingText('orch, first run', wide.first));
  console.log(timingText('orch, nothing to change', wide.noop));
  console.log(timingText('the same, --watch', wide.again));
}
const tracing = await section('tracing', () =>
  withHosts('qemu', (hosts) => tracingFigures(hosts, rounds), { release, counted: true }),
);
if (tracing) {
  const mbits = (samples: readonly number[]) => samples.map((one) => one.toFixed(0)).join(' ');
  const streams = { 'packets passed on together': tracing.together, 'each packet alone': tracing.alone };
  for (const [how, { plain, watched, lossPercent }] of Object.entries(streams)) {
    const lost = `${lossPercent.toFixed(1)} % lost`;
    console.log(
      `a TCP stream through a host, ${how}, Mbit/s: ${mbits(plain)}; ${tracing.level}: ${mbits(watched)}; ${lost}`,
    );
  }
}
const mesh = await section('mesh', () => needsRoot(() => withHosts('netns', meshTiming)));

if (interrupted.aborted) {
  process.exitCode = 130;
} else {
  const measured = {
    comparison,
    plays,
    help,
    agent,
    simulated,
    long,
    language,
    mesh,
    wide,
    tracing,
    bundleBytes: bundleBytes(),
  };
  const lines = budgets(measured);
  console.log(`\nbudgets\n${lines.map(budgetText).join('\n')}`);
  if (json) {
    const { ratios, ...compared } = comparison ?? { ratios: {} };
    const result = { driver, rounds, load, ratios, budgets: lines, ...compared, ...measured, comparison: undefined };
    writeFileSync(json, `${JSON.stringify(result, null, 2)}\n`);
  }
}
