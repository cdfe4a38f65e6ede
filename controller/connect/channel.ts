import { createSecureContext, type SecureContext } from 'node:tls';
import { credentials, Metadata } from '@grpc/grpc-js';
import { AgentServiceClient, type HelloResponse, type StopResponse } from '../../proto/gen/orch/v1/agent.ts';
import { protocol } from '../../proto/version.ts';
import { windowBytes } from '../../proto/window.ts';
import type { Identity } from './trust/identity.ts';

/** Who must answer: a certificate of this name from this issuer (PEM). */
export interface Peer {
  readonly authority: string;
  readonly serverName: string;
}

/** The agent's own limit. */
const messageLimitBytes = 32 << 20;

/** A gRPC client with mutual TLS 1.3; connects at its first call. `address`: host:port or unix:/path. */
export function openChannel(address: string, identity: Identity, peer: Peer): AgentServiceClient {
  const context = secureContext(identity, peer.authority);
  return new AgentServiceClient(address, credentials.createFromSecureContext(context), {
    'grpc.ssl_target_name_override': peer.serverName,
    'grpc.default_authority': peer.serverName,
    'grpc.max_receive_message_length': messageLimitBytes,
    'grpc.max_send_message_length': messageLimitBytes,
    'grpc-node.flow_control_window': windowBytes,
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.keepalive_permit_without_calls': 1,
    // A lab's hosts are not behind the office's web proxy, and their names have no gRPC records in DNS.
    'grpc.enable_http_proxy': 0,
    'grpc.service_config_disable_resolution': 1,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.initial_reconnect_backoff_ms': 100,
  });
}

// Most agents of a workstation have one issuer; making a context costs as much as the rest of a connection here.
const contexts = new WeakMap<Identity, Map<string, SecureContext>>();

/** Makes what `openChannel` will want for an agent that has its certificate of this workstation, as most have. */
export function prepareChannel(identity: Identity): void {
  secureContext(identity, identity.authority.certificate);
}

function secureContext(identity: Identity, authority: string): SecureContext {
  const known = contexts.get(identity) ?? new Map<string, SecureContext>();
  contexts.set(identity, known);
  let context = known.get(authority);
  if (context === undefined) {
    const { certificate: cert, key } = identity.client;
    context = createSecureContext({ minVersion: 'TLSv1.3', ca: authority, cert, key });
    known.set(authority, context);
  }
  return context;
}

/** The first call on a channel. Rejects with grpc's ServiceError. */
export function hello(client: AgentServiceClient, bundle: string, timeoutMs: number): Promise<HelloResponse> {
  return new Promise((resolve, reject) => {
    const request = { protocol, bundle };
    const options = { deadline: Date.now() + timeoutMs };
    client.hello(request, new Metadata(), options, (error, reply) => (error ? reject(error) : resolve(reply)));
  });
}

/** Asks the agent to end unless a run is under way. Rejects with grpc's ServiceError. */
export function stopAgent(client: AgentServiceClient, timeoutMs: number): Promise<StopResponse> {
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + timeoutMs };
    client.stop({ force: false }, new Metadata(), options, (error, reply) => (error ? reject(error) : resolve(reply)));
  });
}
