// Writes dist/main.cache: V8's compiled form of the functions that most commands call. They are called here, on this machine
// alone: what is compiled is what was called. The one task that does something runs `true`, by an agent that ends with this.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { codeCacheFile, readProgram } from '../controller/program.ts';
import { runFlags } from '../controller/v8-flags.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const program = readProgram(dist, undefined);

const folder = mkdtempSync(join(tmpdir(), 'orch-code-cache-'));
process.chdir(folder);
process.env.XDG_STATE_HOME = folder;
process.env.XDG_CONFIG_HOME = folder;
writeFileSync(
  'local.yml',
  `
- hosts: localhost
  connection: local
  gather_facts: false
  vars: { names: [a, b] }
  tasks:
    - command: { argv: ["true", "{{ item }}"] }
      loop: "{{ names }}"
      register: done
      changed_when: false
    - debug: { msg: "{{ item | upper }}" }
      loop: "{{ names }}"
      when: done is succeeded
`,
);
const local = ['run', 'local.yml', '-i', 'localhost,'];
const calls = [
  ['run', join(root, 'playbooks/lab.yml'), '-i', join(root, 'playbooks/inventory.yml'), '--syntax-check'],
  local,
];
// The first run makes certificates and starts the agent, the others have both. Where no agent can be started, less is compiled.
spawnSync(process.execPath, [join(dist, 'orch.js'), ...local]);

function next(): void {
  const args = calls.shift();
  if (args === undefined) end();
  process.argv = [process.execPath, join(dist, 'orch.js'), ...args];
  program.start();
}

function end(): never {
  resetFlags();
  writeFileSync(join(dist, codeCacheFile), program.compiled());
  const notes = join(folder, 'orch/local/run/agent.json');
  // Without them it serves elsewhere, and ends when nobody has asked it for a while.
  if (existsSync(notes)) process.kill(JSON.parse(readFileSync(notes, 'utf8')).pid);
  process.chdir(root);
  rmSync(folder, { recursive: true });
  return exit(0);
}

/** A start finds V8's flags as they are by themselves: so they must be when the compiled form is made. */
function resetFlags(): void {
  const options = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  for (const flag of runFlags) {
    const name = flag.replace(/^--(no-)?/, '').replace(/=.*/, '');
    const usual = new RegExp(`default: (--(?:no-)?${name}(?:=\\S+)?)$`, 'm').exec(options)?.[1];
    if (usual === undefined) throw new Error(`This Node does not know V8's flag ${flag}.`);
    setFlagsFromString(usual);
  }
}

// A command ends its process.
const exit = process.exit;
process.exit = (() => setImmediate(next)) as () => never;
next();
