/** Where an agent lives on its host. Without blanks. */
export interface AgentPaths {
  readonly state: string;
  readonly run: string;
  readonly port: number;
}

export const agentPaths: AgentPaths = { state: '/var/lib/orch', run: '/run/orch', port: 7411 };

/**
 * How an agent's Node is started. It waits for the kernel most of its time: a small young generation, and functions that are
 * compiled but not optimized, cost it a tenth of its own time at most and save a fifth of its memory. V8 does its work in
 * one thread: what it would hand to others is little then, and a host with one processor runs them in turns anyway. An agent trusts
 * the CAs of its own file alone, and Node parses all of the 140 that it brings along nevertheless when it is first given such a
 * file, unless it is told to take OpenSSL's: 20 ms, or most of a second on an emulated host.
 */
export const nodeOptions = [
  ...['--tls-min-v1.3', '--use-openssl-ca'],
  ...['--max-semi-space-size=1', '--no-opt', '--single-threaded'],
] as const;
