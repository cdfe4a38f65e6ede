/** Where an agent lives on its host. Without blanks. */
export interface AgentPaths {
  readonly state: string;
  readonly run: string;
  readonly port: number;
}

export const agentPaths: AgentPaths = { state: '/var/lib/orch', run: '/run/orch', port: 7411 };
