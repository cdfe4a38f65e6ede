// Everything that must hold, each stage whatever became of the others; ends with the line `N passed, N failed`.
// A stage without tests of its own counts as one failed when it fails.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { install } from './install.mjs';

const root = join(import.meta.dirname, '..');
const results = mkdtempSync(join(tmpdir(), 'orch-test-'));

/** Runs a command of the stage in a process group of its own, which is ended after `minutes`. */
function run({ minutes, env }, command, ...args) {
  return new Promise((resolve) => {
    const stdio = ['ignore', 'inherit', 'inherit'];
    const child = spawn(command, args, { cwd: root, detached: true, stdio, env: { ...process.env, ...env } });
    const end = (signal) => {
      try {
        process.kill(-child.pid, signal);
      } catch {
        // It ended just now.
      }
    };
    const timer = setTimeout(() => {
      console.log(`ended: it took more than ${minutes} minutes`);
      end('SIGTERM');
      setTimeout(end, 15_000, 'SIGKILL').unref();
    }, minutes * 60_000);
    const interrupt = () => end('SIGINT');
    process.once('SIGINT', interrupt);
    child.once('error', () => resolve(1));
    child.once('close', (code) => {
      clearTimeout(timer);
      process.off('SIGINT', interrupt);
      resolve(code ?? 1);
    });
  });
}

const script = (name) => async () => ({ code: await run({ minutes: 5 }, 'npm', 'run', '--silent', name) });

/** What failed in a run of vitest: each file that could not run and each test, with the first lines of why. */
function failuresOf(report) {
  const head = (text) => text.split('\n', 12).join('\n    ');
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const tests = assertionResults.filter((test) => test.status === 'failed');
    const file = relative(root, name);
    if (tests.length === 0) return status === 'failed' ? [`${file}\n    ${head(message)}`] : [];
    return tests.map((test) => `${file}: ${test.fullName}\n    ${head(test.failureMessages.join('\n'))}`);
  });
}

/** Takes down the testbeds in the folder, which tests left behind that failed or were ended, and says how many these were. */
function takeDown(folder) {
  const left = readdirSync(folder);
  for (const name of left) {
    console.log(`a test left a testbed behind, which is taken down: ${name}`);
    const env = { ...process.env, XDG_STATE_HOME: join(folder, name) };
    spawnSync(process.execPath, ['dist/orch.js', 'testbed', 'down'], { cwd: root, env, timeout: 60_000 });
  }
  rmSync(folder, { recursive: true });
  return left.length;
}

/** A run of vitest, with its own count and a folder for its testbeds. */
const tests =
  (name, minutes, ...options) =>
  async () => {
    const file = join(results, `${[name, ...options].join('')}.json`);
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const testbeds = mkdtempSync(join(tmpdir(), 'orch-test-'));
    const limits = { minutes, env: { ORCH_TEST_TESTBEDS: testbeds } };
    const ended = await run(limits, 'npm', 'run', '--silent', name, '--', ...options, ...reporters);
    const code = takeDown(testbeds) === 0 ? ended : 1;
    try {
      const report = JSON.parse(readFileSync(file, 'utf8'));
      const { numPassedTests: passed, numFailedTests: failed, numTotalTests: total } = report;
      if (total > passed + failed) console.log(`${total - passed - failed} tests did not run`);
      return { code, passed, failed, failures: failuresOf(report) };
    } catch {
      return { code };
    }
  };

/** What all others need. */
const first = [
  ['install', async () => ({ code: install() })],
  ['generate', script('gen')],
];

/** Tracks run beside each other, each in its order. Types take as long as all other checks. */
const checks = [
  [['types', script('types')]],
  [
    ['lint', script('lint')],
    ['breaking', script('breaking')],
    ['boundaries', script('boundaries')],
    ['knip', script('knip')],
    ['build', script('build')],
    ['tools', script('tools')],
  ],
];

/** Most of the time of either is waiting for hosts. */
const hosts = [
  [['e2e on namespaces', tests('e2e', 20, '--project=namespaces')]],
  [
    ['unit', tests('unit', 8)],
    ['e2e on emulated machines', tests('e2e', 14, '--project=emulated')],
  ],
];

let passed = 0;
let failed = 0;
const summary = [];
const failures = [];

async function inTurn(track) {
  for (const [name, stage] of track) {
    console.log(`\n== ${name}`);
    const began = performance.now();
    const result = await stage();
    passed += result.passed ?? 0;
    failures.push(...(result.failures ?? []));
    // A run of vitest may fail without a failed test: a file that cannot be loaded, an error outside of tests.
    failed += result.failed || (result.code === 0 ? 0 : 1);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    summary.push(`${result.code === 0 ? 'ok    ' : 'FAILED'} ${name} ${seconds} s`);
  }
}

await inTurn(first);
await Promise.all(checks.map(inTurn));
await Promise.all(hosts.map(inTurn));
rmSync(results, { recursive: true });
// Here again, at the end: two runs of tests beside each other mix what they print.
for (const failure of failures) console.log(`\nFAILED ${failure}`);
console.log(`\n${summary.join('\n')}\n\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
