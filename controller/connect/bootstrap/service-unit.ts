import { agentUnit } from '../../../proto/agent-unit.ts';
import { type AgentPaths, nodeOptions } from '../agent-paths.ts';

/** The systemd unit of an agent that stays. */
export function serviceUnit(node: string, paths: AgentPaths, bundle: string): string {
  const { state, run, port } = paths;
  const argv = [
    ...[node, ...nodeOptions, `${state}/agent/${bundle}/agent.cjs`, 'serve'],
    ...['--state', state, '--run', run, '--port', String(port), '--service'],
  ];
  return agentUnit('orch agent', ['network.target'], argv);
}
