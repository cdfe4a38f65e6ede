import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { foldersIn } from '../test/folders.ts';
import { ansibleEnv, mitogenEnv, whyNoAnsible, whyNoMitogen } from './contenders.ts';
import { type BenchHosts, orch, withHosts } from './hosts.ts';
import { run, timing } from './measure.ts';

const folder = join(import.meta.dirname, '../test/e2e/plays');
const hostScript = readFileSync(join(folder, 'host.sh'), 'utf8');
const orchRounds = 3;
const slowestMs = 1_200_000;

/** A playbook as people write them, on two hosts where nothing is left to do: whole processes, milliseconds. */
export interface PlayFigures {
  readonly name: string;
  readonly orchMs: number;
  readonly ansibleMs: number | undefined;
  readonly mitogenMs: number | undefined;
  /** Why one of them was not timed, in its own words. */
  readonly notTimed: readonly string[];
}

/** Plays each of the tests' playbooks by orch, on hosts of its own, and then by all contenders with nothing to do. */
export async function playsFigures(): Promise<readonly PlayFigures[]> {
  const figures: PlayFigures[] = [];
  for (const name of foldersIn(folder)) figures.push(await withHosts('netns', (hosts) => figuresOf(name, hosts)));
  return figures;
}

async function figuresOf(name: string, hosts: BenchHosts): Promise<PlayFigures> {
  for (const host of ['vm01', 'vm02']) await run([...hosts.ssh(host, false), 'sh', '-s'], { stdin: hostScript });
  const cwd = join(hosts.cwd, name);
  cpSync(join(folder, name), cwd, { recursive: true });
  const password = existsSync(join(cwd, 'vault-password')) ? ['--vault-password-file', 'vault-password'] : [];
  const words = ['-i', hosts.inventory, '-i', 'hosts.yml', ...password, 'site.yml'];
  const play = async (program: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    run([...program, ...words], { env: { ...hosts.env, ...env }, cwd, timeoutMs: slowestMs });
  const notTimed: string[] = [];
  const by = async (who: string, missing: string | undefined, env: Readonly<Record<string, string>>) => {
    try {
      if (missing !== undefined) throw new Error(missing);
      return unchanged(await play(['ansible-playbook'], env));
    } catch (error) {
      notTimed.push(`${who}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
  await play([...orch, 'run']);
  const samples: number[] = [];
  for (let round = 0; round < orchRounds; round += 1) samples.push(unchanged(await play([...orch, 'run'])));
  return {
    name,
    orchMs: timing(samples).medianMs,
    ansibleMs: await by('ansible', whyNoAnsible(), ansibleEnv),
    mitogenMs: await by('ansible + mitogen', whyNoMitogen(), { ...ansibleEnv, ...mitogenEnv }),
    notTimed,
  };
}

function unchanged({ ms, stdout }: { readonly ms: number; readonly stdout: string }): number {
  if (/changed=[1-9]/.test(stdout)) throw new Error(`there should have been nothing to do:\n${stdout.slice(-2000)}`);
  return ms;
}

/** The largest part of another's time that a playbook takes; undefined: it was timed for none. */
export function worstOf(plays: readonly PlayFigures[], other: 'ansibleMs' | 'mitogenMs'): number | undefined {
  const ratios = plays.flatMap((play) => (play[other] === undefined ? [] : [play.orchMs / play[other]]));
  return ratios.length === 0 ? undefined : Math.max(...ratios);
}

/** What is printed of each. */
export function playsText(plays: readonly PlayFigures[]): string {
  const ms = (value: number | undefined) => (value === undefined ? '-' : `${value.toFixed(0)} ms`).padStart(11);
  const lines = plays.flatMap(({ name, orchMs, ansibleMs, mitogenMs, notTimed }) => [
    `${name.padEnd(26)}${ms(orchMs)}${ms(ansibleMs)}${ms(mitogenMs)}`,
    ...notTimed.map((reason) => `${''.padEnd(26)}   not timed: ${reason}`),
  ]);
  return ['playbooks of 100 tasks on two hosts, nothing to change: orch, ansible, ansible + mitogen', ...lines].join(
    '\n',
  );
}
