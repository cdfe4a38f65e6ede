import { expect, it } from 'vitest';
import { refuseAfterExact } from '../../agent/engine/run/after-exact.ts';
import { registry } from '../../agent/modules/registry.gen.ts';

const exact = { module: 'netns', params: { name: 'ns01', exact: true } };
const bridge = { module: 'bridge', params: { name: 'br0', netns: 'ns01', state: 'present' } };
const pair = { module: 'veth', params: { name: 'v0', peer: 'v1', peer_netns: 'ns01', state: 'up' } };
const route = { module: 'route', params: { dst: 'default', via: '10.0.0.1', netns: 'ns01' } };

/** Tasks before, the one that comes, and whether it is refused. */
it.each([
  ['an address', [exact], 'address', { address: '10.0.0.1/24', dev: 'br0', netns: 'ns01' }, true],
  ['an address elsewhere', [exact], 'address', { address: '10.0.0.1/24', dev: 'br0', netns: 'ns02' }, false],
  ['an address that goes', [exact], 'address', { dev: 'br0', netns: 'ns01', state: 'absent' }, false],
  ['a sysctl', [exact], 'sysctl', { name: 'net.ipv4.ip_forward', value: 1, netns: 'ns01' }, false],
  ['a link', [exact], 'bridge', bridge.params, true],
  ['the far end of a pair', [exact], 'veth', { name: 'v0', peer: 'v1', peer_netns: 'ns01', state: 'up' }, true],
  ['more of a link', [bridge, exact], 'link', { name: 'br0', netns: 'ns01', state: 'up' }, false],
  ['more of the far end', [pair, exact], 'link', { name: 'v1', netns: 'ns01', state: 'up' }, false],
  ['lo', [exact], 'link', { name: 'lo', netns: 'ns01', state: 'up' }, false],
  ['the same route', [route, exact], 'route', route.params, false],
  ['a link before it', [bridge], 'link', { name: 'br1', netns: 'ns01', state: 'up' }, false],
])('%s after what was said to be all', (_, asked, name, params, refused) => {
  const module = registry.get(name);
  if (module === undefined) throw new Error(name);
  const check = () => refuseAfterExact(module, params, asked);
  if (refused) expect(check).toThrow(/asks for more in netns ns01/);
  else expect(check).not.toThrow();
});
