import { createConnect } from '../connect/connect.ts';
import { type Connector, makeConnector } from '../connect/connector.ts';
import { isOwn } from '../connect/local.ts';
import { type AgentManager, createManager } from '../connect/manage.ts';
import type { AgentConnection, Connect, Target } from '../connect/types.ts';
import { connectWarm } from '../connect/warm.ts';

/** What agents are asked by that may not be there. */
export interface Asking {
  readonly connector: Connector;
  readonly manager: AgentManager;
  readonly connect: Connect;
  readonly signal: AbortSignal;
}

/** All that a command asks agents by. */
export function startAsking(signal: AbortSignal): Asking {
  const connector = makeConnector();
  return { connector, manager: createManager(connector), connect: createConnect(), signal };
}

/**
 * A connection to the agent that a host has; an idle one is started, but none is brought along. `other-version`: to be spoken to
 * it would have to be replaced. Throws OrchErrors of the group "Reaching a host".
 */
export async function presentAgent(
  { connector, manager, connect, signal }: Asking,
  target: Target,
): Promise<AgentConnection | 'absent' | 'other-version'> {
  if (isOwn(target)) return connect(target, signal);
  const warm = await connectWarm(connector, target);
  if (warm) return warm;
  const { agent, bundlePresent, installed, ownBundle } = await manager.look(target, signal);
  if (!installed && !agent) return 'absent';
  const own = agent ? agent.bundle === ownBundle : bundlePresent;
  return own ? connect(target, signal) : 'other-version';
}
