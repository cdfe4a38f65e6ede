/** A systemd unit that keeps an agent running (systemd.service(5)); `after`: units that it starts behind. */
export function agentUnit(description: string, after: readonly string[], argv: readonly string[]): string {
  // `%` would be a specifier.
  return `[Unit]
Description=${description}
After=${after.join(' ')}

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
