import { type ServiceError, status } from '@grpc/grpc-js';
import { OrchError } from '../../proto/errors.ts';
import { clockError } from './bootstrap/bootstrap-errors.ts';
import type { HostLink } from './bootstrap/host-link.ts';
import type { Bootstrapped } from './bootstrap/install.ts';
import { bootstrapOver, onHost } from './bootstrap/on-host.ts';
import { prepareChannel } from './channel.ts';
import type { Connector } from './connector.ts';
import { type Dialled, dial, directMs, OtherAgent, tcpAddress } from './dial.ts';
import { readRecord, writeRecord } from './host-record.ts';
import { SshDialer } from './ssh/ssh-dialer.ts';
import { openTunnel, type Tunnel } from './tunnel.ts';
import type { AgentConnection, Connect, Target } from './types.ts';

/** After a direct way was tried in vain, the tunnel is taken at once for this long. */
const tunnelMemoryMs = 10 * 60_000;

/** Over SSH: puts the agent there if need be, then takes the direct way or the tunnel. */
export function makeCold(connector: Connector): Connect {
  const dialer = new SshDialer(connector.limiter);
  return (target, signal) => {
    // Most often an agent and a certificate are wanted next, and then TLS; it is made ready while the host is waited for.
    setImmediate(() => {
      void import('./trust/authority.ts');
      void connector.bundle().then(({ files, compiled }) => Promise.allSettled([files(), compiled()]));
      connector.identity().then(prepareChannel, () => {});
    });
    return onHost(dialer, target, signal, async (link) => {
      const ready = await bootstrapOver(connector, link, target, signal);
      const direct = await dialDirect(connector, link, target, ready);
      if (direct === undefined) return dialTunnel(connector, link, target, ready, signal);
      const { client, hello } = direct;
      // The end of a login takes as long as its beginning, of a host that has better to do now.
      const close = async () => {
        client.close();
        link.close();
      };
      return { host: target.name, hello, client, transport: 'tls', warm: false, close };
    });
  };
}

/** Undefined: this way is not to be taken, or in vain. */
async function dialDirect(
  connector: Connector,
  link: HostLink,
  target: Target,
  ready: Bootstrapped,
): Promise<Dialled | undefined> {
  const address = target.agentAddress ?? link.address;
  const before = await readRecord(connector.recordFolder, target);
  const knownInVain = before?.transport === 'tunnel' && Date.now() - before.savedMs < tunnelMemoryMs;
  if (target.transport === 'tunnel') return undefined;
  if (target.transport === 'auto' && (address === undefined || knownInVain)) return undefined;

  const port = target.agentPort ?? ready.agent.port;
  const host = address ?? target.address;
  const { authority, serverName, expiresMs, agent } = ready;
  const remember = (transport: 'tls' | 'tunnel') =>
    writeRecord(connector.recordFolder, target, {
      ...{ address: host, port, bundle: agent.bundle, authority, serverName, expiresMs, transport },
      savedMs: Date.now(),
    });
  try {
    const dialled = await dial(connector, tcpAddress(host, port), ready, directMs(target));
    await remember('tls');
    return dialled;
  } catch (error) {
    if (target.transport === 'tls' || error instanceof OtherAgent) {
      const { paths } = connector;
      const own =
        agent.port === paths.port ? '' : ` Another program has port ${paths.port} there; the agent's is ${agent.port}.`;
      const summary = `The agent serves, but not here: ${host} port ${port} does not answer.${own}`;
      const hint =
        'Open the port in the firewall, set orch_agent_address and orch_agent_port, or use orch_transport: auto.';
      throw clockError(target.name, ready) ?? noAnswer(target, summary, hint, error);
    }
    await remember('tunnel');
    return undefined;
  }
}

async function dialTunnel(
  connector: Connector,
  link: HostLink,
  target: Target,
  ready: Bootstrapped,
  signal: AbortSignal,
): Promise<AgentConnection> {
  const { node, agent } = ready;
  let tunnel: Tunnel | undefined;
  try {
    tunnel = await openTunnel(link, { target, paths: connector.paths, node, bundle: agent.bundle }, signal);
    const { client, hello } = await dial(connector, tunnel.address, ready, target.timeoutMs);
    const open = tunnel;
    const close = async () => {
      client.close();
      await open.close();
      link.close();
    };
    return { host: target.name, hello, client, transport: 'tunnel', warm: false, way: ready.way, close };
  } catch (error) {
    await tunnel?.close();
    const hint = `See agent.log in ${connector.paths.state} there. If it hangs, end it with \`kill -9 ${agent.pid}\`: the next run starts another.`;
    throw (
      clockError(target.name, ready) ??
      noAnswer(target, 'The agent serves, but does not answer through SSH.', hint, error)
    );
  }
}

function noAnswer(target: Target, summary: string, hint: string, cause: unknown): OrchError {
  const late = (cause as Partial<ServiceError>).code === status.DEADLINE_EXCEEDED;
  return new OrchError({
    code: 'host-unreachable',
    summary,
    detail: late ? 'No answer within the deadline.' : cause instanceof Error ? cause.message : String(cause),
    hint,
    where: { host: target.name },
    cause,
  });
}
