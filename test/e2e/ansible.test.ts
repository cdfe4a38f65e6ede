import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { languagePlay, writeLanguagePlay } from './random-plays/language.ts';

/**
 * The same playbook by Ansible and by orch on this very machine: the same exit code, recap and files in the folder `out`.
 * `options` beside it has more words for both. They take seconds each: ORCH_TEST_ALL=1 asks for them.
 *
 * Of random playbooks what became of each task on each host is the same, too. A few, always the same; ORCH_TEST_PLAYS=200 tries
 * that many others, ORCH_TEST_SEED=SEED:PATH repeats the case of a failure.
 */
const cases = join(import.meta.dirname, 'ansible');
const orch = join(import.meta.dirname, '../../dist/orch.js');
const wished = process.env.ORCH_TEST_PLAYS;
const [seed, path] = process.env.ORCH_TEST_SEED?.split(/:(.*)/s) ?? [];
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

/** A program with its words, and a folder's playbook. */
function play(
  program: readonly string[],
  cwd: string,
  more: readonly string[],
): { exit: number | null; stdout: string } {
  const [command = '', ...words] = [...program, ...more, 'playbook.yml'];
  const env = {
    ...process.env,
    XDG_STATE_HOME: join(scratch, 'state'),
    ANSIBLE_NOCOLOR: '1',
    ANSIBLE_LOCALHOST_WARNING: '0',
  };
  const { status, stdout } = spawnSync(command, words, { cwd, env, encoding: 'utf8', timeout: 120_000 });
  rmSync(join(cwd, '.orch'), { recursive: true, force: true });
  return { exit: status, stdout };
}

function playCase(program: readonly string[], name: string): { exit: number | null; recap: string[]; files: unknown } {
  const cwd = join(cases, name);
  const out = mkdtempSync(join(scratch, `${name}-`));
  const more = existsSync(join(cwd, 'options')) ? readFileSync(join(cwd, 'options'), 'utf8').trim().split(/\s+/) : [];
  const { exit, stdout } = play(program, cwd, [...more, '-e', `out=${out}`]);
  return { exit, recap: counts(stdout), files: filesIn(out) };
}

/** What became of the tasks of each host, or of the items of their loops, in its own order. */
function told(stdout: string): Record<string, string[]> {
  const hosts: Record<string, string[]> = {};
  let title = '';
  for (const line of stdout.split('\n')) {
    title = /^(?:TASK|RUNNING HANDLER) \[(.*)\] \*+$/.exec(line)?.[1] ?? title;
    const [, word, host = '', item = ''] = /^(\w+): \[(h\d)[^\]]*\](?:.*?\((item=.*?)\))?/.exec(line) ?? [];
    if (word !== undefined && !line.includes('"One or more items failed"'))
      hosts[host] = [...(hosts[host] ?? []), `${title} ${word} ${item}`];
  }
  return hosts;
}

const why = whySkipped();

describe(why === undefined ? 'as Ansible' : `as Ansible (skipped: ${why})`, () => {
  for (const name of readdirSync(cases)) {
    it.skipIf(why !== undefined)(name, { timeout: 240_000 }, () => {
      expect(playCase([process.execPath, orch, 'run'], name)).toEqual(playCase(['ansible-playbook'], name));
    });
  }

  it.skipIf(why !== undefined)('random playbooks', { timeout: 3_600_000 }, () => {
    const property = fc.property(languagePlay, (written) => {
      const cwd = mkdtempSync(join(scratch, 'random-'));
      writeLanguagePlay(cwd, written);
      const [mine, theirs] = [[process.execPath, orch, 'run'], ['ansible-playbook']].map((program) => {
        const { exit, stdout } = play(program, cwd, ['-i', 'hosts.yml', ...written.options]);
        return { well: exit === 0, recap: counts(stdout), told: told(stdout) };
      });
      expect(mine).toEqual(theirs);
    });
    fc.assert(property, {
      ...(seed === undefined ? { seed: 1, numRuns: 10 } : { seed: Number(seed), path: path ?? '' }),
      ...(wished === undefined ? {} : { numRuns: Number(wished), seed: Date.now() }),
      endOnFailure: seed === undefined,
    });
  });
});
