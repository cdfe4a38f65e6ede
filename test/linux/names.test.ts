import { expect, test } from 'vitest';
import { netnsPath, sysctlPath } from '../../agent/linux/ip/names.ts';

test.each(['ns1', 'ns10', 'a.b', '$(reboot)', "it's", 'x'.repeat(255)])('netns %s is a name', (name) => {
  expect(netnsPath(name)).toBe(`/run/netns/${name}`);
});

test.each(['', '.', '..', 'a/b', 'a b', 'a\nb', '-x', 'x'.repeat(256)])('netns %j is refused', (name) => {
  expect(() => netnsPath(name)).toThrow('cannot be the name');
});

test.each([
  ['net.ipv4.ip_forward', 'net/ipv4/ip_forward'],
  ['net/ipv4/conf/eth0.100/rp_filter', 'net/ipv4/conf/eth0.100/rp_filter'],
  ['net.ipv4.conf.eth0/100.rp_filter', 'net/ipv4/conf/eth0.100/rp_filter'],
])('sysctl %s', (key, path) => {
  expect(sysctlPath(key)).toBe(path);
});

test.each(['', '../x', 'a/../b', 'net..x', '/etc', 'a\nb'])('sysctl %j is refused', (key) => {
  expect(() => sysctlPath(key)).toThrow('is no sysctl key');
});
