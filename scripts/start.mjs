// From a bare clone to a measured lab: installs, builds, brings up the testbed, runs the seed's lab on it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { install } from './install.mjs';

const root = join(import.meta.dirname, '..');

function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) console.error(`${command}: ${error.message}`);
  return status ?? 1;
}

const orch = (...args) => run(process.execPath, 'dist/orch.js', ...args);

const steps = [
  ['install', install],
  ['build', () => run('npm', 'run', '--silent', 'build')],
  ['testbed', () => orch('testbed', 'up')],
  ['lab', () => orch('run', 'playbooks/lab.yml')],
];

const times = [];
for (const [name, step] of steps) {
  const began = performance.now();
  const code = step();
  times.push(`${name} ${((performance.now() - began) / 1000).toFixed(1)} s`);
  if (code !== 0) {
    console.error(`npm start: ${name} failed (${times.join(', ')})`);
    process.exit(code);
  }
}
console.log(
  `\n${times.join(', ')}. The testbed stays up: \`npx --no orch testbed status\` shows it, \`npm stop\` ends it.`,
);
