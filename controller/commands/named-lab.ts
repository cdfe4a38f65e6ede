import { OrchError } from '../../proto/errors.ts';
import { agentStatus } from '../connect/calls/rpc.ts';
import type { AgentConnection, Target } from '../connect/types.ts';
import { runsDir } from '../paths.ts';
import { hostsOfLab } from '../record/lab-hosts.ts';
import { didYouMean } from '../template/suggest.ts';
import { inventoryTargets } from './inventory-targets.ts';
import { labTargets } from './lab-targets.ts';
import { type Asking, presentAgent, startAsking } from './present-agent.ts';
import { type Args, readLab } from './read-options.ts';

/** A lab that no playbook describes: it may be on any host. */
export interface NamedLab {
  readonly lab: string;
  readonly targets: readonly Target[];
  /** Runs on record had it, so that the name is no slip where no host has it any more. */
  readonly recorded: boolean;
  /** Hosts that these runs were on, and that the inventory does not have. */
  readonly gone: readonly string[];
}

/** The agent of a host; undefined: it has none, and so no lab. Throws OrchError. */
export type Reach = (target: Target, signal: AbortSignal) => Promise<AgentConnection | undefined>;

/** Reads --lab, and the hosts of the inventory. Throws OrchError(s) for wrong input. */
export function namedLab(args: Args): NamedLab {
  const lab = readLab(args.lab);
  const hosts = hostsOfLab(runsDir(), lab);
  const all = labTargets(args, hosts);
  if (args.limit !== undefined) return { lab, targets: all, recorded: hosts.length > 0, gone: [] };
  const targets = all.length > 0 ? all : inventoryTargets({ ...args, limit: 'localhost' });
  const gone = hosts.filter((host) => targets.every(({ name }) => name !== host));
  return { lab, targets, recorded: hosts.length > 0, gone };
}

/**
 * Asks all hosts for the lab, and brings no agent where there is none. Throws OrchError 'invalid-option' when all have answered, and
 * the name is none of a lab.
 */
export async function findLab({ lab, targets, recorded }: NamedLab, signal: AbortSignal): Promise<Reach> {
  const asking = startAsking(signal);
  const asked = await Promise.all(targets.map((target) => ask(asking, target)));
  const labs = new Set(asked.flatMap((host) => host.labs));
  if (!recorded && !labs.has(lab) && asked.every(({ failure }) => failure === undefined)) {
    await Promise.all(asked.map(({ agent }) => agent?.close()));
    const others = labs.size === 0 ? 'They have none.' : `Their labs: ${[...labs].sort().join(', ')}.`;
    const hint = didYouMean(lab, labs) ?? others;
    throw new OrchError({ code: 'invalid-option', summary: `No host has a lab ${JSON.stringify(lab)}.`, hint });
  }
  const byName = new Map(targets.map(({ name }, index) => [name, asked[index]]));
  return async ({ name }) => {
    const { agent, failure } = byName.get(name) ?? {};
    if (failure !== undefined) throw failure;
    return agent;
  };
}

interface Asked {
  readonly agent?: AgentConnection;
  readonly labs: readonly string[];
  readonly failure?: OrchError;
}

async function ask(asking: Asking, target: Target): Promise<Asked> {
  let agent: AgentConnection | undefined;
  try {
    const present = await presentAgent(asking, target);
    if (present === 'absent') return { labs: [] };
    agent = present === 'other-version' ? await asking.connect(target, asking.signal) : present;
    const { labs } = await agentStatus(agent, '', target.timeoutMs);
    return { agent, labs: labs.map(({ name }) => name) };
  } catch (failure) {
    await agent?.close();
    if (!(failure instanceof OrchError)) throw failure;
    return { labs: [], failure };
  }
}
