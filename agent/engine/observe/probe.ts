import { OrchError } from '../../../proto/errors.ts';
import { ProbeProtocol, type ProbeSent, type SendProbe } from '../../../proto/gen/orch/v1/agent.ts';
import type { Observing } from '../../linux/ip/queries.ts';
import { kernelRoute } from '../../modules/shared/reach/kernel-route.ts';
import { sendEcho } from './icmp-probe.ts';
import { address } from './lookup.ts';
import type { Probe } from './probe-types.ts';
import { sendFromSocket } from './socket-probe.ts';

const protocols = { [ProbeProtocol.ICMP]: 'icmp', [ProbeProtocol.TCP]: 'tcp', [ProbeProtocol.UDP]: 'udp' } as const;

/** Longest that an answer is waited for, ms. */
const longestMs = 60_000;

/** Sends a probe out of a namespace and waits for its end. Throws OrchError when the request makes no sense here. */
export async function sendProbe(host: Observing, asked: SendProbe, signal: AbortSignal): Promise<ProbeSent> {
  const probe = probeOf(asked);
  if (host.netnsInode(probe.netns) === undefined) {
    throw new OrchError({ code: 'missing-object', summary: `There is no network namespace ${asked.netns}.` });
  }
  const send = probe.protocol === 'icmp' ? sendEcho : sendFromSocket;
  const result = await send(host, probe, signal);
  const route = result.from ? { source: result.from } : await kernelRoute(host, probe.netns, probe.to, probe.from);
  return { ...result, from: ('source' in route ? route.source : undefined) ?? '' };
}

function probeOf(asked: SendProbe): Probe {
  const { netns, from, to, port } = asked;
  if (asked.protocol === ProbeProtocol.UNSPECIFIED) throw wrong('It says no protocol.');
  const protocol = protocols[asked.protocol];
  if (protocol !== 'icmp' && (port < 1 || port > 65_535)) throw wrong(`It has no port ${port}.`);
  const size = asked.size || 56;
  const count = asked.count || 1;
  const timeoutMs = asked.timeoutMs || 1000;
  if (size > 65_487) throw wrong(`No packet holds ${size} bytes.`);
  if (count > 100 || timeoutMs > longestMs) throw wrong('It would take too long.');
  return {
    ...{ netns: netns || undefined, from: from === '' ? undefined : address(from), to: address(to) },
    ...{ protocol, port, size, count, timeoutMs },
  };
}

function wrong(detail: string): OrchError {
  return new OrchError({ code: 'invalid-parameter', summary: 'This probe cannot be sent.', detail });
}
