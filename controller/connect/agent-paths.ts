/** Where an agent lives on its host. Without blanks. */
export interface AgentPaths {
  readonly state: string;
  readonly run: string;
  readonly port: number;
}

export const agentPaths: AgentPaths = { state: '/var/lib/orch', run: '/run/orch', port: 7411 };

/**
 * How an agent's Node is started. An agent trusts the CAs of its own file alone, and Node parses all of the 140 that it brings
 * along nevertheless when it is first given such a file, unless it is told to take OpenSSL's: 20 ms, or most of a second on an
 * emulated host. No flag of V8 is among them: under any of those Node compiles its own modules from their sources, because the
 * compiled forms that it brings along were made without. `agent/thrift.ts` sets what an agent wants once those are loaded.
 */
export const nodeOptions = ['--tls-min-v1.3', '--use-openssl-ca', '--v8-pool-size=1'] as const;
