/** Where an agent lives on its host. Without blanks. */
export interface AgentPaths {
  readonly state: string;
  readonly run: string;
  readonly port: number;
}

export const agentPaths: AgentPaths = { state: '/var/lib/orch', run: '/run/orch', port: 7411 };

/**
 * How an agent's Node is started. It waits for the kernel most of its time: a small young generation, and functions that are
 * compiled but not optimized, cost it a tenth of its own time at most and save a fifth of its memory.
 */
export const nodeOptions = ['--tls-min-v1.3', '--max-semi-space-size=1', '--no-opt', '--single-threaded'] as const;
