import type { Connector } from './connector.ts';
import { makeConnector } from './connector.ts';
import { bootstrapOver, onHost, removeOver } from './on-host.ts';
import { SshDialer } from './ssh-dialer.ts';
import type { Target } from './types.ts';

/** What can be done with an agent beside speaking to it. Both throw OrchErrors of the group "Reaching a host". */
export interface AgentManager {
  /** Makes the agent a systemd service; OrchError 'unsupported-by-host' where there is no systemd. */
  install(target: Target, signal: AbortSignal): Promise<void>;
  /** Takes the agent off the host, whatever it remembers there. */
  remove(target: Target, signal: AbortSignal): Promise<void>;
}

export function createManager(connector: Connector = makeConnector()): AgentManager {
  const dialer = new SshDialer(connector.limiter);
  return {
    install: (target, signal) =>
      onHost(dialer, target, signal, async (link) => {
        await bootstrapOver(connector, link, target, signal, true);
        link.close();
      }),
    remove: (target, signal) =>
      onHost(dialer, target, signal, async (link) => {
        await removeOver(connector, link, target, signal);
        link.close();
      }),
  };
}
