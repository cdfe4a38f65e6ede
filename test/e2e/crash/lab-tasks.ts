import { FakeAgent } from '../../run/fake-agent.ts';
import { simulatedRun } from '../../run/simulated-run.ts';
import { shipped } from '../lab-runs.ts';

/** A task as an agent is given it: a module, and the parameters of each item. */
export interface LabTask {
  readonly module: string;
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

/** What a host's agent is given to do when a playbook is run, but for what only measures. */
export async function labTasks(playbook: string, host: string): Promise<readonly LabTask[]> {
  const agents = new Map<string, FakeAgent>();
  await simulatedRun(playbook, shipped('inventory'), (name) => {
    const agent = new FakeAgent([]);
    agents.set(name, agent);
    return agent;
  });
  const received = agents.get(host)?.received ?? [];
  return received
    .filter(({ module }) => module !== 'reach')
    .map(({ module, items }) => ({ module, items: items.map(({ paramsJson }) => JSON.parse(paramsJson)) }));
}
