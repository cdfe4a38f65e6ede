import { expect, it } from 'vitest';
import { ImaginedKernel } from '../../agent/engine/imagined-kernel.ts';
import type { Step } from '../../agent/modules/module.ts';

const removal = (netns: string | undefined, name: string): Step => ({
  object: `link ${name}`,
  action: { op: 'ip', netns, args: ['link', 'delete', 'dev', name] },
  undo: [],
  removes: true,
});

it('answers for ip without the links that would be gone, and frees their ports', async () => {
  const kernel = new ImaginedKernel();
  kernel.note([removal('ns1', 'br0')]);
  const port = { ifname: 'p0', master: 'br0', linkinfo: { info_kind: 'veth', info_slave_kind: 'bridge' } };
  const reply = { missing: false, rows: [{ ifname: 'br0' }, port, { dst: '10.0.0.0/24', dev: 'br0' }, { dev: 'p0' }] };
  const ask = async () => reply;
  expect((await kernel.ip(ask, ['address', 'show'], 'ns1')).rows).toEqual([
    { ifname: 'p0', linkinfo: { info_kind: 'veth' } },
    { dev: 'p0' },
  ]);
  expect(await kernel.ip(ask, ['address', 'show', 'dev', 'br0'], 'ns1')).toEqual({ rows: [], missing: true });
  expect(await kernel.ip(ask, ['address', 'show', 'dev', 'br0'], undefined)).toEqual(reply);
});

it('takes with one end of a pair the other', async () => {
  const kernel = new ImaginedKernel();
  const pair = ['link', 'add', 'name', 'v1', 'type', 'veth', 'peer', 'name', 'v2', 'netns', 'ns1'];
  kernel.note([{ ...removal(undefined, 'v1'), undo: [{ op: 'ip', args: pair }] }]);
  const reply = { missing: false, rows: [{ ifname: 'v2' }] };
  expect(await kernel.ip(async () => reply, ['link', 'show', 'dev', 'v2'], 'ns1')).toEqual({ rows: [], missing: true });
});

it('knows what would be written along with forwarding for all', async () => {
  const kernel = new ImaginedKernel();
  const write = (key: string, value: string): Step => ({
    object: key,
    action: { op: 'sysctl', netns: 'ns1', key, value },
    undo: [],
  });
  kernel.note([
    write('net.ipv4.conf.v1.forwarding', '0'),
    write('net.ipv4.ip_forward', '1'),
    write('net.ipv6.conf.all.forwarding', '1'),
    write('net.ipv6.conf.v1.forwarding', '0'),
    write('net.ipv4.conf.all.rp_filter', '1'),
  ]);
  const asked = [
    'ipv4/conf/v1/forwarding',
    'ipv4/conf/all/forwarding',
    'ipv6/conf/v1/forwarding',
    'ipv6/conf/v2/forwarding',
  ];
  const sysctl = (key: string, netns: string | undefined) => kernel.sysctl(async () => 'x', key, netns);
  expect(await Promise.all(asked.map((key) => sysctl(`net/${key}`, 'ns1')))).toEqual(['1', '1', '0', '1']);
  expect(await sysctl('net/ipv4/conf/v1/rp_filter', 'ns1')).toBe('x');
  expect(await sysctl('net/ipv4/ip_forward', undefined)).toBe('x');
});

it('answers for ip with links under the names and in the namespaces that they would have', async () => {
  const kernel = new ImaginedKernel();
  const set = (netns: string | undefined, said: string): Step => ({
    object: said,
    action: { op: 'ip', netns, args: ['link', 'set', 'dev', ...said.split(' ')] },
    undo: [],
  });
  kernel.note([set(undefined, 'v0 mtu 1400'), set(undefined, 'v0 name w0'), set(undefined, 'v1 netns ns1 name x1')]);
  const here = [
    { ifname: 'v0', link: 'v1', master: 'br0', mtu: 1500, flags: [] },
    { ifname: 'v1', link: 'v0', mtu: 1500, addr_info: [{ family: 'inet', local: '10.0.0.1' }] },
  ];
  const ask = async (args: readonly string[], netns?: string) => {
    const name = args[args.indexOf('dev') + 1];
    const rows = netns === undefined ? here.filter(({ ifname }) => !args.includes('dev') || ifname === name) : [];
    return { rows, missing: rows.length === 0 };
  };
  const asked = async (said: string, netns?: string) => (await kernel.ip(ask, said.split(' '), netns)).rows;
  const w0 = { ifname: 'w0', master: 'br0', mtu: 1400, flags: [] };
  expect(await asked('link show')).toEqual([w0]);
  expect(await asked('link show dev w0')).toEqual([w0]);
  expect(await asked('link show dev v0')).toEqual([]);
  expect(await asked('address show', 'ns1')).toEqual([{ ifname: 'x1', mtu: 1500, addr_info: [] }]);
  const sysctl = (key: string, netns?: string) => kernel.sysctl(async (real) => real, key, netns);
  expect(await sysctl('net/ipv4/conf/w0/rp_filter')).toBe('net/ipv4/conf/v0/rp_filter');
  expect(await sysctl('net/ipv4/conf/v0/rp_filter')).toBeUndefined();
  expect(await sysctl('net/ipv4/conf/x1/rp_filter', 'ns1')).toBeUndefined();
});
