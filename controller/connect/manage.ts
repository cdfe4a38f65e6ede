import type { HostFacts } from './bootstrap/host-facts.ts';
import type { HostLink } from './bootstrap/host-link.ts';
import type { Bootstrapped } from './bootstrap/install.ts';
import { bootstrapOver, lookOver, onHost, removeOver } from './bootstrap/on-host.ts';
import { type Connector, makeConnector } from './connector.ts';
import { SshDialer } from './ssh/ssh-dialer.ts';
import type { Target } from './types.ts';

export interface HostLook extends HostFacts {
  /** Content hash of the bundle that this controller would bring. */
  readonly ownBundle: string;
}

/** What can be done with an agent beside speaking to it. All throw OrchErrors of the group "Reaching a host". */
export interface AgentManager {
  /** What is on the host, without touching it. */
  look(target: Target, signal: AbortSignal): Promise<HostLook>;
  /** Makes the agent a systemd service; OrchError 'unsupported-by-host' where there is no systemd. */
  install(target: Target, signal: AbortSignal): Promise<Bootstrapped>;
  /** Takes the agent off the host, whatever it remembers there. */
  remove(target: Target, signal: AbortSignal): Promise<void>;
}

export function createManager(connector: Connector = makeConnector()): AgentManager {
  const dialer = new SshDialer(connector.limiter);
  const over = <T>(target: Target, signal: AbortSignal, work: (link: HostLink) => Promise<T>) =>
    onHost(dialer, target, signal, async (link) => {
      const result = await work(link);
      link.close();
      return result;
    });
  return {
    look: (target, signal) =>
      over(target, signal, async (link) => ({
        ...(await lookOver(connector, link, target, signal)),
        ownBundle: (await connector.bundle()).hash,
      })),
    install: (target, signal) => over(target, signal, (link) => bootstrapOver(connector, link, target, signal, true)),
    remove: (target, signal) => over(target, signal, (link) => removeOver(connector, link, target, signal)),
  };
}
