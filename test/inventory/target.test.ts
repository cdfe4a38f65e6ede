import { homedir } from 'node:os';
import { expect, test } from 'vitest';
import { targetOf } from '../../controller/inventory/target.ts';

const defaults = { timeoutMs: 1000, become: true, acceptHostKey: false };

function target(vars: Record<string, unknown>) {
  return targetOf('vm01', (name) => vars[name], defaults);
}

test('a host with no variables is reached by its name', () => {
  expect(target({})).toEqual({
    name: 'vm01',
    address: 'vm01',
    become: true,
    sshArgs: [],
    unknownHostKey: 'refuse',
    connection: 'ssh',
    transport: 'auto',
    timeoutMs: 1000,
  });
});

test("Ansible's names and ours", async () => {
  const all = target({
    ansible_host: '10.0.0.1',
    ansible_port: '2222',
    ansible_user: 'lab',
    ansible_ssh_private_key_file: '~/.ssh/lab',
    ansible_password: 'secret',
    ansible_become: 'no',
    ansible_become_pass: 1234,
    ansible_ssh_common_args: '-o UserKnownHostsFile="/a b/known_hosts"',
    ansible_ssh_extra_args: '-J jump',
    ansible_host_key_checking: false,
    ansible_connection: 'local',
    orch_transport: 'tunnel',
    orch_agent_address: '127.0.0.1',
    orch_agent_port: 7412,
    orch_node: '/opt/node',
    ansible_ssh_timeout: '2.5',
  });
  expect(await all.password?.()).toBe('secret');
  expect(await all.becomePassword?.()).toBe('1234');
  expect({ ...all, password: undefined, becomePassword: undefined }).toEqual({
    name: 'vm01',
    address: '10.0.0.1',
    port: 2222,
    user: 'lab',
    keyFile: `${homedir()}/.ssh/lab`,
    become: false,
    sshArgs: ['-o', 'UserKnownHostsFile=/a b/known_hosts', '-J', 'jump'],
    unknownHostKey: 'accept-new',
    connection: 'local',
    transport: 'tunnel',
    agentAddress: '127.0.0.1',
    agentPort: 7412,
    nodeBinary: '/opt/node',
    timeoutMs: 2500,
  });
});

test('of two names the old one wins, as in Ansible', async () => {
  const old = { ansible_ssh_host: '10.0.0.2', ansible_ssh_user: 'b', ansible_ssh_port: 2, ansible_ssh_password: 'old' };
  const both = target({
    ...old,
    ansible_host: '10.0.0.1',
    ansible_user: 'a',
    ansible_port: 1,
    ansible_password: 'new',
  });
  expect(both).toMatchObject({ address: '10.0.0.2', user: 'b', port: 2 });
  expect(await both.password?.()).toBe('old');
});

test.each([
  [{ ansible_port: 'ssh' }, 'the variable ansible_port must be a port number, not "ssh"'],
  [{ ansible_become: 'perhaps' }, 'the variable ansible_become must be yes or no, not "perhaps"'],
  [{ ansible_ssh_timeout: 0 }, 'the variable ansible_ssh_timeout must be a number of seconds, at most 3600, not 0'],
  [{ orch_transport: 'tsl' }, 'the variable orch_transport must be auto, tls, tunnel, not "tsl"'],
  [{ ansible_host: [1] }, 'the variable ansible_host must be a text, not a list'],
])('%o is refused', (vars, message) => {
  expect(() => target(vars)).toThrow(message);
});
