import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchHosts, orch } from './hosts.ts';
import { run, type Timing, timeAgain, timing } from './measure.ts';

/** A host with 200 namespaces, about 1,000 objects: whole processes. */
export interface WideFigures {
  /** The same by ip's batches, over a new ssh connection. */
  readonly script: Timing;
  readonly first: Timing;
  /** Nothing to change. */
  readonly noop: Timing;
  /** The same by a process that stays, each time it is asked to run again. */
  readonly again: Timing;
}

const lab = join(import.meta.dirname, 'lab/wide.yml');
const script = readFileSync(join(import.meta.dirname, 'lab/wide.sh'), 'utf8');
const undoScript =
  'for ns in $(ip netns list | cut -d" " -f1); do echo "netns delete $ns"; done | ip -batch -; ip link delete wide';

/** Makes it by the script and by orch, in turns, on a host that has an agent already; runs orch again each time, and takes it back. */
export async function wideFigures(hosts: BenchHosts, rounds: number): Promise<WideFigures> {
  const ssh = [...hosts.ssh('vm01', false), 'sh', '-s'];
  const by = async (verb: string, ...options: string[]) =>
    (await run([...orch, verb, lab, '-i', hosts.inventory, ...options], hosts)).ms;
  const samples = { script: [] as number[], first: [] as number[], noop: [] as number[] };
  await by('run', '--check');
  for (let round = 0; round < rounds; round += 1) {
    samples.script.push((await run(ssh, { ...hosts, stdin: script })).ms);
    await run(ssh, { ...hosts, stdin: undoScript });
    samples.first.push(await by('run'));
    samples.noop.push(await by('run'));
    await by('destroy');
  }
  await by('run');
  const stays = [...orch, 'run', lab, '-i', hosts.inventory, '--watch'];
  const again = timing(await timeAgain(stays, { ready: 'orch: watching', times: rounds }, hosts));
  await by('destroy');
  return { script: timing(samples.script), first: timing(samples.first), noop: timing(samples.noop), again };
}
