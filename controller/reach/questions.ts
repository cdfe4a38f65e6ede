import type { ReachCell } from '../report/types.ts';
import type { Endpoints, Origin, Target } from './endpoints.ts';
import { listOf, type ReachParams } from './params.ts';

/** One cell before it is measured. */
export interface Question {
  readonly from: Origin;
  readonly to: Target;
  readonly expected: ReachCell['expected'];
}

const covers = (value: string | readonly string[], name: string, address?: string) =>
  listOf(value).some((entry) => entry === 'all' || entry === name || entry === address);

function expectationOf(params: ReachParams, from: string, to: Target): ReachCell['expected'] | 'skip' {
  if (to.name === from) return 'skip';
  const own = params.except.findLast((entry) => covers(entry.from, from) && covers(entry.to, to.name, to.address));
  const expected = own?.expect ?? params.expect ?? 'any';
  return expected === 'any' ? null : expected;
}

/** Every origin asks every target but itself and those that an exception skips. */
export function questionsOf(params: ReachParams, { origins, targets }: Endpoints): readonly Question[] {
  return origins.flatMap((from) =>
    targets.flatMap((to) => {
      const expected = expectationOf(params, from.name, to);
      return expected === 'skip' ? [] : [{ from, to, expected }];
    }),
  );
}

/** One host's questions as parameters of the agent's module `reach`: an entry for each namespace and source. */
export function agentParams(params: ReachParams, questions: readonly Question[]): Readonly<Record<string, unknown>> {
  const probes = new Map<string, { netns?: string; source?: string; targets: string[] }>();
  for (const { from, to } of questions) {
    const source = params.source[from.name];
    const probe = probes.get(from.name) ?? {
      ...(from.netns === undefined ? {} : { netns: from.netns }),
      ...(source === undefined ? {} : { source }),
      targets: [],
    };
    probe.targets.push(to.address);
    probes.set(from.name, probe);
  }
  return {
    probes: [...probes.values()],
    count: params.count,
    timeoutMs: Math.round(params.timeout * 1000),
    ...(params.size === undefined ? {} : { size: params.size }),
    ...(params.raise_neighbour_limit ? { raiseNeighbourLimit: true } : {}),
  };
}
