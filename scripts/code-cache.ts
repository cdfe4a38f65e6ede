// Writes dist/main.cache: V8's compiled form of the functions that most commands call. They are called here, on this machine
// alone: what is compiled is what was called.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeCacheFile, readProgram } from '../controller/program.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const program = readProgram(dist, undefined);

const folder = mkdtempSync(join(tmpdir(), 'orch-code-cache-'));
process.chdir(folder);
writeFileSync(
  'local.yml',
  `
- hosts: all
  gather_facts: false
  vars: { names: [a, b] }
  tasks:
    - debug: { msg: "{{ item | upper }}" }
      loop: "{{ names }}"
      when: item is defined
`,
);
const calls = [
  ['run', join(root, 'playbooks/lab.yml'), '-i', join(root, 'playbooks/inventory.yml'), '--syntax-check'],
  ['run', 'local.yml', '-i', 'vm01,vm02'],
  ['--help'],
];

function next(): void {
  const args = calls.shift();
  if (args === undefined) return;
  process.argv = [process.execPath, join(dist, 'orch.js'), ...args];
  program.start();
}

process.on('beforeExit', next);
process.on('exit', (code) => {
  if (code === 0) writeFileSync(join(dist, codeCacheFile), program.compiled());
  process.chdir(root);
  rmSync(folder, { recursive: true });
});
next();
