import { OrchError } from '../../../proto/errors.ts';
import { openChannel, stopAgent } from '../channel.ts';
import type { Connector } from '../connector.ts';
import { interrupted } from '../deadline.ts';
import { forgetRecord, readRecord } from '../host-record.ts';
import type { SshDialer } from '../ssh/ssh-dialer.ts';
import type { KeyedCertificate } from '../trust/authority.ts';
import { openTunnel } from '../tunnel.ts';
import type { Target } from '../types.ts';
import { bootstrap, readFacts } from './bootstrap.ts';
import { scriptFailed } from './bootstrap-errors.ts';
import { bootstrapCommand } from './bootstrap-script.ts';
import type { HostFacts } from './host-facts.ts';
import { type HostLink, openLink } from './host-link.ts';
import type { Bootstrapped } from './install.ts';
import { RootTalk } from './root-talk.ts';

/** Opens a link to the host for some work, and closes it when the work fails. Whatever happens is an OrchError. */
export async function onHost<T>(
  dialer: SshDialer,
  target: Target,
  signal: AbortSignal,
  work: (link: HostLink) => Promise<T>,
): Promise<T> {
  let link: HostLink | undefined;
  try {
    link = await openLink(dialer, target, signal);
    return await work(link);
  } catch (error) {
    link?.close();
    if (signal.aborted) throw interrupted();
    if (error instanceof OrchError) throw error;
    throw new OrchError({
      code: 'host-unreachable',
      summary: `The connection to the host failed: ${error instanceof Error ? error.message : String(error)}.`,
      hint: 'Try `ssh` to the same host.',
      where: { host: target.name },
      cause: error,
    });
  }
}

/** Puts and starts what is missing on the host. The script stays for as long as the link: its end would take time from the agent. */
export async function bootstrapOver(
  connector: Connector,
  link: HostLink,
  target: Target,
  signal: AbortSignal,
  service = false,
): Promise<Bootstrapped> {
  const { paths, cacheFolder, recordFolder } = connector;
  const [bundle, identity] = await Promise.all([connector.bundle(), connector.identity()]);
  const met = await readRecord(recordFolder, target);
  // A service is systemd's to start, and a Node that was named is to be brought first.
  const firstStart = service || target.nodeBinary !== undefined ? '' : await bundle.firstStart();
  const talk = new RootTalk(await link.exec(bootstrapCommand(firstStart)), target, signal);
  let minted: Promise<KeyedCertificate> | undefined;
  const mint = () => {
    minted ??= import('../trust/authority.ts').then(({ mint }) => mint(identity.authority, 'server', link.agentName));
    return minted;
  };
  // Ready when a host that was never met has said what it has; what fails then is told there.
  if (met === undefined) mint().catch(() => {});
  const askToStop = (agent: Bootstrapped) => stopPolitely(connector, link, target, signal, agent);
  try {
    const { agentName } = link;
    const input = { target, agentName, paths, bundle, identity, mint, cacheFolder, service, askToStop };
    const ready = await bootstrap(talk, input);
    talk.send('leave');
    return ready;
  } catch (error) {
    talk.end();
    throw error;
  }
}

/** Over the agent's own socket: only it knows whether a run is under way. `silent`: it does not answer as agents do. */
async function stopPolitely(
  connector: Connector,
  link: HostLink,
  target: Target,
  signal: AbortSignal,
  ready: Bootstrapped,
): Promise<'stopping' | 'busy' | 'silent'> {
  const end = { target, paths: connector.paths, node: ready.node, bundle: ready.agent.bundle };
  const tunnel = await openTunnel(link, end, signal);
  const client = openChannel(tunnel.address, await connector.identity(), ready);
  try {
    return (await stopAgent(client, target.timeoutMs)).stopping ? 'stopping' : 'busy';
  } catch {
    return 'silent';
  } finally {
    client.close();
    await tunnel.close();
  }
}

/** What is on the host, without touching it. */
export async function lookOver(
  connector: Connector,
  link: HostLink,
  target: Target,
  signal: AbortSignal,
): Promise<HostFacts> {
  const talk = new RootTalk(await link.exec(bootstrapCommand('')), target, signal);
  try {
    return await readFacts(talk, { target, paths: connector.paths, bundle: await connector.bundle() }, 'look');
  } finally {
    talk.end();
  }
}

/** Takes the agent, its service, its files and what it remembers off the host; what labs own there stays as it is. */
export async function removeOver(
  connector: Connector,
  link: HostLink,
  target: Target,
  signal: AbortSignal,
): Promise<void> {
  const { paths } = connector;
  const talk = new RootTalk(await link.exec(bootstrapCommand('')), target, signal);
  try {
    await readFacts(talk, { target, paths, bundle: await connector.bundle() }, 'change');
    talk.send('remove');
    await talk.answer((failed, stderr) => scriptFailed(target.name, paths.state, failed, stderr), target.timeoutMs * 2);
    await forgetRecord(connector.recordFolder, target);
  } finally {
    talk.end();
  }
}
