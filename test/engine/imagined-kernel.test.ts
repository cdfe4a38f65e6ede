import { expect, it } from 'vitest';
import { ImaginedKernel } from '../../agent/engine/imagined-kernel.ts';
import type { Step } from '../../agent/modules/module.ts';

const removal = (netns: string | undefined, name: string): Step => ({
  object: `link ${name}`,
  action: { op: 'ip', netns, args: ['link', 'delete', 'dev', name] },
  undo: [],
  removes: true,
});

it('answers for ip without the links that would be gone, and frees their ports', () => {
  const kernel = new ImaginedKernel();
  kernel.note([removal('ns1', 'br0')]);
  const port = { ifname: 'p0', master: 'br0', linkinfo: { info_kind: 'veth', info_slave_kind: 'bridge' } };
  const reply = { missing: false, rows: [{ ifname: 'br0' }, port, { dst: '10.0.0.0/24', dev: 'br0' }, { dev: 'p0' }] };
  expect(kernel.ip(reply, ['address', 'show'], 'ns1').rows).toEqual([
    { ifname: 'p0', linkinfo: { info_kind: 'veth' } },
    { dev: 'p0' },
  ]);
  expect(kernel.ip(reply, ['address', 'show', 'dev', 'br0'], 'ns1')).toEqual({ rows: [], missing: true });
  expect(kernel.ip(reply, ['address', 'show', 'dev', 'br0'], undefined)).toBe(reply);
});

it('takes with one end of a pair the other', () => {
  const kernel = new ImaginedKernel();
  const pair = ['link', 'add', 'name', 'v1', 'type', 'veth', 'peer', 'name', 'v2', 'netns', 'ns1'];
  kernel.note([{ ...removal(undefined, 'v1'), undo: [{ op: 'ip', args: pair }] }]);
  const reply = { missing: false, rows: [{ ifname: 'v2' }] };
  expect(kernel.ip(reply, ['link', 'show', 'dev', 'v2'], 'ns1')).toEqual({ rows: [], missing: true });
});

it('knows what would be written along with forwarding for all', () => {
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
  expect(asked.map((key) => kernel.sysctl(`net/${key}`, 'ns1', 'x'))).toEqual(['1', '1', '0', '1']);
  expect(kernel.sysctl('net/ipv4/conf/v1/rp_filter', 'ns1', 'x')).toBe('x');
  expect(kernel.sysctl('net/ipv4/ip_forward', undefined, 'x')).toBe('x');
});
