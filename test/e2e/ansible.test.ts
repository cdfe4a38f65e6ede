import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * The same playbook by Ansible and by orch on this very machine: the same exit code, recap and files in the folder `out`.
 * `options` beside it has more words for both. They take seconds each: ORCH_TEST_ALL=1 asks for them.
 */
const cases = join(import.meta.dirname, 'ansible');
const orch = join(import.meta.dirname, '../../dist/orch.js');
let scratch: string;

// Not where all is skipped: nobody would remove it then.
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'orch-ansible-'));
});

afterAll(() => {
  const agent = join(scratch, 'state/orch/local/run/agent.json');
  if (existsSync(agent)) process.kill((JSON.parse(readFileSync(agent, 'utf8')) as { pid: number }).pid);
  rmSync(scratch, { recursive: true, force: true });
});

function whySkipped(): string | undefined {
  if (process.env.ORCH_TEST_ALL !== '1') return 'asked for by ORCH_TEST_ALL=1';
  if (spawnSync('ansible-playbook', ['--version']).status !== 0) return 'ansible-core is not installed';
  return existsSync(orch) ? undefined : 'orch is not built';
}

function counts(stdout: string): string[] {
  const recap = stdout.slice(stdout.lastIndexOf('PLAY RECAP'));
  return recap.split('\n').flatMap((line) => (/^\S+\s*:\s*ok=/.test(line) ? [line.trim().replace(/\s+/g, ' ')] : []));
}

function filesIn(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

function play(program: readonly string[], name: string): { exit: number | null; recap: string[]; files: unknown } {
  const cwd = join(cases, name);
  const out = mkdtempSync(join(scratch, `${name}-`));
  const more = existsSync(join(cwd, 'options')) ? readFileSync(join(cwd, 'options'), 'utf8').trim().split(/\s+/) : [];
  const [command = '', ...words] = [...program, ...more, '-e', `out=${out}`, 'playbook.yml'];
  const env = {
    ...process.env,
    XDG_STATE_HOME: join(scratch, 'state'),
    ANSIBLE_NOCOLOR: '1',
    ANSIBLE_LOCALHOST_WARNING: '0',
  };
  const { status, stdout } = spawnSync(command, words, { cwd, env, encoding: 'utf8', timeout: 120_000 });
  rmSync(join(cwd, '.orch'), { recursive: true, force: true });
  return { exit: status, recap: counts(stdout), files: filesIn(out) };
}

const why = whySkipped();

describe(why === undefined ? 'as Ansible' : `as Ansible (skipped: ${why})`, () => {
  for (const name of readdirSync(cases)) {
    it.skipIf(why !== undefined)(name, { timeout: 240_000 }, () => {
      expect(play([process.execPath, orch, 'run'], name)).toEqual(play(['ansible-playbook'], name));
    });
  }
});
