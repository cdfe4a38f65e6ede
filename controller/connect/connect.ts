import { setMaxListeners } from 'node:events';
import { type ConnectorSettings, makeConnector } from './connector.ts';
import { interrupted } from './deadline.ts';
import type { Connect } from './types.ts';
import { connectWarm } from './warm.ts';

/** A Connect of its own: own limiter, jump hosts and identity. */
export function createConnect(settings?: ConnectorSettings): Connect {
  const connector = makeConnector(settings);
  // Loaded when it is needed: a warm run needs no SSH.
  let cold: Promise<Connect> | undefined;
  return async (target, signal) => {
    // One signal ends the connections of a whole run: many listeners are no leak.
    setMaxListeners(0, signal);
    const warm = await connectWarm(connector, target);
    if (signal.aborted) {
      await warm?.close();
      throw interrupted();
    }
    if (warm) return warm;
    cold ??= import('./cold.ts').then(({ makeCold }) => makeCold(connector));
    return (await cold)(target, signal);
  };
}

let shared: Connect | undefined;

/** Opens a verified connection to a host's agent, putting the agent there first where it must. See Connect. */
export const connect: Connect = (target, signal) => {
  shared ??= createConnect();
  return shared(target, signal);
};
