import { type AgentPaths, nodeOptions } from './agent-paths.ts';

/** The systemd unit of an agent (systemd.service(5)). `%` would be a specifier. */
export function serviceUnit(node: string, paths: AgentPaths, bundle: string): string {
  const { state, run, port } = paths;
  const argv = [
    ...[node, ...nodeOptions, `${state}/agent/${bundle}/agent.cjs`, 'serve'],
    ...['--state', state, '--run', run, '--port', String(port), '--service'],
  ];
  return `[Unit]
Description=orch agent
After=network.target

[Service]
ExecStart=${argv.join(' ').replaceAll('%', '%%')}
Restart=on-failure
RestartSec=2
# Supervised daemons outlive the agent, which is restarted for each new version.
KillMode=process

[Install]
WantedBy=multi-user.target
`;
}
