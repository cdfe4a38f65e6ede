import { type Contender, contenders, orchLab } from './contenders.ts';
import { type BenchHosts, orch } from './hosts.ts';
import { interrupted, run, type Timing, timing } from './measure.ts';

export interface Comparison {
  readonly timings: Readonly<Record<string, Timing>>;
  readonly ratios: Readonly<Record<string, number | undefined>>;
  /** Names with the reason. */
  readonly notTimed: Readonly<Record<string, string>>;
}

const newSsh = 'script, new ssh';

/** Times all contenders on a lab where there is nothing left to do. */
export async function compare(hosts: BenchHosts, rounds: number): Promise<Comparison> {
  await run([...orch, 'run', orchLab(hosts), '-i', hosts.inventory], hosts);

  const all = contenders(hosts);
  const notTimed: Record<string, string> = {};
  for (const { name, missing } of all) if (missing) notTimed[name] = missing;
  const present = all.filter(({ missing }) => !missing);
  const warm = await inTurns(
    present.filter(({ cold }) => !cold),
    rounds,
    notTimed,
  );
  const cold = await inTurns(
    present.filter(({ name, cold }) => cold || name === newSsh),
    rounds,
    notTimed,
  );

  const timings = Object.fromEntries([...warm, ...[...cold].filter(([name]) => name !== newSsh)]);
  const median = (name: string, of = warm) => of.get(name)?.medianMs;
  return {
    timings,
    notTimed,
    ratios: {
      warmToNewSsh: ratio(median('orch warm'), median(newSsh)),
      warmToMultiplexedSsh: ratio(median('orch warm'), median('script, multiplexed ssh')),
      warmToAnsible: ratio(median('orch warm'), median('ansible')),
      warmToMitogen: ratio(median('orch warm'), median('ansible + mitogen')),
      coldToNewSsh: ratio(median('orch cold', cold), median(newSsh, cold)),
      coldBeyondTwiceNewSshMs: beyondTwice(median('orch cold', cold), median(newSsh, cold)),
    },
  };
}

const ratio = (a: number | undefined, b: number | undefined) =>
  a === undefined || b === undefined ? undefined : a / b;
const beyondTwice = (a: number | undefined, b: number | undefined) =>
  a === undefined || b === undefined ? undefined : a - 2 * b;

/**
 * In turns, so that a slow minute of the machine is every contender's slow minute. The first round is not counted: it opens
 * what a contender keeps open. One that fails is put down in `notTimed`, and the others go on.
 */
async function inTurns(
  present: readonly Contender[],
  rounds: number,
  notTimed: Record<string, string>,
): Promise<ReadonlyMap<string, Timing>> {
  const samples = new Map(present.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, prepare, time } of present) {
      const of = samples.get(name);
      try {
        if (of === undefined) continue;
        await prepare?.();
        const ms = await time();
        if (round > 0) of.push(ms);
      } catch (error) {
        if (interrupted.aborted) throw error;
        notTimed[name] = error instanceof Error ? error.message : String(error);
        samples.delete(name);
      }
    }
  }
  return new Map([...samples].map(([name, ms]) => [name, timing(ms)]));
}
