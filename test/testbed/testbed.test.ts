import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inventoryText } from '../../controller/testbed/inventory.ts';
import { agentPort, network, planHosts, releases, testbedId } from '../../controller/testbed/plan.ts';
import { parseState, type TestbedState } from '../../controller/testbed/state.ts';
import { statusText } from '../../controller/testbed/status.ts';

const hosts = planHosts(2, 'a1b2c3d4').map((host, index) => ({
  ...host,
  sshPort: 40_001 + index,
  agentPort: 40_101 + index,
}));

const state: TestbedState = {
  version: 1,
  id: 'a1b2c3d4',
  driver: 'netns',
  release: 'trixie',
  startedAt: '2026-01-02T03:04:05.000Z',
  complete: true,
  labPassword: 'secret',
  hosts,
  processes: { gateway: { pid: 10, start: 'b:1' }, vm01: { pid: 11, start: 'b:2' }, vm02: { pid: 12, start: 'b:3' } },
};

describe('addresses', () => {
  it("gives the seed's hosts the seed's addresses, and further ones further addresses", () => {
    expect(planHosts(3, 'a1b2c3d4')).toEqual([
      { name: 'vm01', address: '172.16.91.10', mac: '52:54:00:a1:b2:01' },
      { name: 'vm02', address: '172.16.91.14', mac: '52:54:00:a1:b2:02' },
      { name: 'vm03', address: '172.16.91.18', mac: '52:54:00:a1:b2:03' },
    ]);
  });

  it('never touches the addresses that the labs use', () => {
    const addresses = planHosts(23, '00000000').map((host) => host.address);
    expect(new Set(addresses).size).toBe(23);
    expect(addresses.at(-1)).toBe('172.16.91.98');
  });

  it.each([0, -1, 1.5, 24, Number.NaN])('refuses %d hosts', (count) => {
    expect(() => planHosts(count, '00000000')).toThrow('--hosts takes a number from 1 to 23.');
  });

  it('tells testbeds apart by where their state is', () => {
    expect(testbedId('/a')).toMatch(/^[0-9a-f]{8}$/);
    expect(testbedId('/a')).not.toBe(testbedId('/b'));
  });
});

describe('docs/testbed.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/testbed.md'), 'utf8');

  it.each([
    ...planHosts(2, '00000000').map((host) => `${host.name} ${host.address}`),
    ...[network.link, network.gateway, String(agentPort), ...releases],
  ])('says %s', (fact) => {
    expect(page).toContain(fact);
  });
});

describe('inventory', () => {
  it('names every host with its ports, and how to log in', () => {
    expect(inventoryText(hosts, { clientKey: '/s/client_key', knownHosts: '/s/known_hosts' })).toBe(
      `# Written by \`orch testbed up\`; \`orch testbed down\` removes it.
lab:
  hosts:
    vm01:
      orch_address: 172.16.91.10
      ansible_port: 40001
      orch_agent_port: 40101
    vm02:
      orch_address: 172.16.91.14
      ansible_port: 40002
      orch_agent_port: 40102
  vars:
    ansible_host: 127.0.0.1
    orch_agent_address: 127.0.0.1
    ansible_user: root
    ansible_ssh_private_key_file: "/s/client_key"
    ansible_ssh_common_args: "-o UserKnownHostsFile=/s/known_hosts"
`,
    );
  });

  it('quotes a path with blanks for ssh, and says how slow hosts may be', () => {
    const text = inventoryText(hosts, { clientKey: '/my "s"/k', knownHosts: "/it's my/known_hosts" }, 60);
    expect(text).toContain('\n    ansible_ssh_timeout: 60\n');
    expect(text).toContain(String.raw`ansible_ssh_private_key_file: "/my \"s\"/k"`);
    expect(text).toContain(String.raw`"-o 'UserKnownHostsFile=\"/it'\\''s my/known_hosts\"'"`);
  });
});

describe('state file', () => {
  it('is read as it was written', () => {
    expect(parseState(JSON.stringify(state))).toEqual(state);
  });

  it.each([
    ['no JSON', '{'],
    ['another version', JSON.stringify({ ...state, version: 2 })],
    ['an unknown driver', JSON.stringify({ ...state, driver: 'docker' })],
    ['a pid that would be a process group', JSON.stringify({ ...state, processes: { vm01: { pid: -1, start: '' } } })],
    ['a pid without its start', JSON.stringify({ ...state, processes: { vm01: { pid: 77 } } })],
    ['a host without ports', JSON.stringify({ ...state, hosts: [{ name: 'vm01', address: '', mac: '' }] })],
    ['a list', '[]'],
  ])('is refused: %s', (_, text) => {
    expect(() => parseState(text)).toThrow('damaged or of another version');
  });
});

describe('status', () => {
  it('says when there is none', () => {
    expect(statusText(undefined, [])).toBe('No testbed is up. `orch testbed up` makes one.\n');
  });

  it('says who is dead and how to mend it, and never the password', () => {
    const text = statusText(state, ['vm02']);
    expect(text).toContain('vm01  172.16.91.10   up    ssh 127.0.0.1:40001');
    expect(text).toContain('vm02  172.16.91.14   DEAD  ssh 127.0.0.1:40002');
    expect(text).toContain('vm02 died; `orch testbed up` brings back what is gone.');
    expect(text).not.toContain('secret');
  });
});
