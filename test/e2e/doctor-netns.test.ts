import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DoctorReport } from '../../controller/report/why/doctor-types.ts';
import { ownTestbed } from './own-testbed.ts';

const testbed = ownTestbed();
beforeAll(async () => {
  await testbed.up('netns');
});
afterAll(() => testbed.end());

test('nothing is found on healthy hosts', async () => {
  const said = await testbed.orch(['doctor']);
  expect(said).toMatchObject({ code: 0, stdout: '2 hosts with 0 namespaces, 13 checks: nothing found\n' });
});

/** Two devices lead to ns01, by one of which packets come and by the other they would go back. */
const trapped = `
  ip netns add ns01
  for n in 1 2; do
    ip link add v$n type veth peer name c$n netns ns01
    ip link set v$n up
    ip -n ns01 link set c$n up
  done
  ip address add 10.9.0.1/24 dev v1
  ip -n ns01 address add 10.9.0.2/24 dev c1
  ip -n ns01 route add default via 10.9.0.1
  ip route add 10.9.0.2/32 dev v2
  ip link set v2 mtu 1400
  sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.ip_forward=1 net.ipv4.conf.v1.rp_filter=0`;

test('a host that could not be asked is not among the healthy', async () => {
  const inventory = join(testbed.folder, 'gone.yml');
  writeFileSync(inventory, 'all: { hosts: { gone: { ansible_host: 127.0.0.1, ansible_port: 1 } } }');
  const said = await testbed.orch(['doctor', '-i', inventory]);
  expect(said).toMatchObject({
    code: 2,
    stdout: '0 hosts with 0 namespaces, 13 checks: nothing found, 1 host not looked at\n',
  });
});

test('traps are found, each where it is', async () => {
  const made = await testbed.on('vm02', trapped);
  expect(made.code, made.stderr).toBe(0);
  const said = await testbed.orch(['doctor', 'vm02', '--output', 'json']);
  expect(said.code, said.stderr).toBe(3);
  const { findings } = JSON.parse(said.stdout) as DoctorReport;
  expect(findings.map(({ check, host, netns, device }) => [check, host, netns, device].join(' ')).sort()).toEqual([
    'lo-down vm02 ns01 lo',
    'mtu-mismatch vm02 ns01 c2',
    'rp-filter vm02  v1',
    'rp-filter-overruled vm02  v1',
  ]);
});

test('a host that the inventory does not have is refused', async () => {
  const said = await testbed.orch(['doctor', 'nobody']);
  expect(said).toMatchObject({ code: 4, stdout: '' });
});
