import type { AgentServiceClient, HelloResponse } from '../../proto/gen/orch/v1/agent.ts';

/** What is needed to reach one host, from its connection variables (already templated). */
export interface Target {
  readonly name: string;
  /** ansible_host, ansible_port, ansible_user; undefined: what ~/.ssh/config says. */
  readonly address: string;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly password?: Secret | undefined;
  readonly become: boolean;
  readonly becomePassword?: Secret | undefined;
  /** ansible_ssh_args, ansible_ssh_common_args and ansible_ssh_extra_args, split: handed to `ssh -G`, which resolves them. */
  readonly sshArgs: readonly string[];
  /** ansible_host_key_checking / --accept-host-key: what to do with a key that known_hosts does not have. */
  readonly unknownHostKey: 'refuse' | 'accept-new';
  /** ansible_connection: ssh (the default), or local for the workstation itself. */
  readonly connection?: 'ssh' | 'local' | undefined;
  /** orch_transport: tls goes straight to the agent's port, tunnel through SSH; auto tries them in this order. */
  readonly transport: 'auto' | 'tls' | 'tunnel';
  /** orch_agent_address, orch_agent_port: where the controller finds the agent's port (default: address, 7411). */
  readonly agentAddress?: string | undefined;
  readonly agentPort?: number | undefined;
  /** orch_node: a Node binary to bring along for a host of another platform. */
  readonly nodeBinary?: string | undefined;
  readonly timeoutMs: number;
}

/** Asked for only when it is needed; its text never appears in logs, argv or errors. */
export type Secret = () => Promise<string>;

/** An open, verified connection to one host's agent. */
export interface AgentConnection {
  readonly host: string;
  readonly hello: HelloResponse;
  readonly client: AgentServiceClient;
  readonly transport: 'tls' | 'tunnel';
  /** True when no SSH was needed. */
  readonly warm: boolean;
  /** The SSH connection that it goes through as the host sees it: "192.0.2.1 51324 192.0.2.10 22". */
  readonly way?: string | undefined;
  close(): Promise<void>;
}

/** Throws OrchError with a code of the "Reaching a host" group; never takes longer than target.timeoutMs for each wait. */
export type Connect = (target: Target, signal: AbortSignal) => Promise<AgentConnection>;
