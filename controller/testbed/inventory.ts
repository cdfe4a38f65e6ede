import type { TestbedHost } from './state.ts';

/** Words for ssh's -o that it reads back as one, whatever the path holds. */
function sshOption(name: string, path: string): string {
  if (/^[\w./@%+-]+$/.test(path)) return `-o ${name}=${path}`;
  return `-o '${name}="${path.replaceAll("'", String.raw`'\''`)}"'`;
}

/**
 * The inventory of a testbed as YAML, under Ansible's names for what Ansible knows too. `timeoutSeconds`: what a wait on
 * the way to a host may take, where that is not the usual.
 */
export function inventoryText(
  hosts: readonly TestbedHost[],
  paths: { readonly clientKey: string; readonly knownHosts: string },
  timeoutSeconds?: number,
): string {
  const lines = ['# Written by `orch testbed up`; `orch testbed down` removes it.', 'lab:', '  hosts:'];
  for (const host of hosts) {
    lines.push(
      `    ${host.name}:`,
      `      orch_address: ${host.address}`,
      `      ansible_port: ${host.sshPort}`,
      `      orch_agent_port: ${host.agentPort}`,
    );
  }
  lines.push(
    '  vars:',
    '    ansible_host: 127.0.0.1',
    '    orch_agent_address: 127.0.0.1',
    '    ansible_user: root',
    ...(timeoutSeconds === undefined ? [] : [`    ansible_ssh_timeout: ${timeoutSeconds}`]),
    // A JSON string is a YAML one.
    `    ansible_ssh_private_key_file: ${JSON.stringify(paths.clientKey)}`,
    `    ansible_ssh_common_args: ${JSON.stringify(sshOption('UserKnownHostsFile', paths.knownHosts))}`,
    '',
  );
  return lines.join('\n');
}
