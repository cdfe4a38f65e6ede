import type { ReachCell } from '../report/types.ts';
import { type Endpoints, type Origin, originOf, type Target } from './endpoints.ts';
import { listOf, type ReachParams } from './params.ts';

/** One cell before it is measured. */
export interface Question {
  readonly from: Origin;
  readonly to: Target;
  readonly expected: ReachCell['expected'];
  /** Address to send from, where the playbook says it. */
  readonly source?: string;
  /** Bytes of data, where the playbook says it. */
  readonly size?: number;
}

/** How cells are measured. */
type Measuring = Pick<ReachParams, 'count' | 'timeout' | 'size' | 'raise_neighbour_limit'>;

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
      if (expected === 'skip') return [];
      const source = params.source[from.name];
      const asked = { ...(source && { source }), ...(params.size !== undefined && { size: params.size }) };
      return [{ from, to, expected, ...asked }];
    }),
  );
}

/** A cell that was measured, to be measured again. */
export function questionOf({ from, to, address, expected, source, bound, size }: ReachCell): Question {
  const asked = { ...(bound && source && { source }), ...(size !== undefined && { size }) };
  return { from: originOf(from), to: { name: to, address }, expected, ...asked };
}

/** Who is asked what: the questions of each host. */
export function byHost(questions: readonly Question[]): ReadonlyMap<string, readonly Question[]> {
  const groups = new Map<string, Question[]>();
  for (const question of questions) {
    const group = groups.get(question.from.host) ?? [];
    group.push(question);
    groups.set(question.from.host, group);
  }
  return groups;
}

/** One host's questions as parameters of the agent's module `reach`: an entry for each namespace and source. */
export function agentParams(params: Measuring, questions: readonly Question[]): Readonly<Record<string, unknown>> {
  const probes = new Map<string, { netns?: string; source?: string; targets: string[] }>();
  for (const { from, to, source } of questions) {
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
