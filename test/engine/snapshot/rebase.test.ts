import { expect, test } from 'vitest';
import { allDifferences } from '../../../agent/engine/snapshot/compare.ts';
import { rebase, renumbered, withoutDeleted } from '../../../agent/engine/snapshot/rebase.ts';
import type { NetnsState } from '../../../agent/engine/snapshot/state.ts';
import type { Action } from '../../../agent/linux/action.ts';
import { type Given, hostOf, sysctls, turnsDuring } from './given.ts';

test('the snapshot of another lab follows hundreds of changes among thousands of things', async () => {
  const from = hostOf({ sysctls: sysctls('1', 5000) });
  const to = hostOf({ sysctls: { ...sysctls('1', 5000), ...sysctls('0', 1500) } });
  const comparing = await turnsDuring(allDifferences(from, to));
  const following = rebase(from, from, to);
  expect(await turnsDuring(following)).toBeGreaterThan(comparing + 5);
  expect(await following).toEqual(to);
  expect(from).toEqual(hostOf({ sysctls: sysctls('1', 5000) }));
  expect(await rebase(from, to, to)).toBe(from);
});

test('a link that is gone for good is gone from the snapshot of another lab, whatever had become of it', async () => {
  const bridge = (address: string) => ({ ifindex: 7, ifname: 'br0', flags: ['UP'], address });
  const route = { family: 4, type: 'unicast', dst: '10.1.0.0/16', dev: 'br0', table: 'main', flags: [] };
  const settings = { 'net/ipv4/ip_forward': '0' };
  const known = hostOf({
    links: [bridge('02:00:00:00:00:01')],
    routes: [route],
    sysctls: { ...settings, 'net/ipv4/conf/br0/rp_filter': '1' },
  });
  const from = hostOf({ links: [bridge('02:00:00:00:00:02')], sysctls: settings });
  const to = hostOf({ sysctls: settings });
  expect(await rebase(known, from, to)).toEqual(to);
  const another = hostOf({ links: [{ ...bridge('02:00:00:00:00:03'), ifindex: 8 }], sysctls: settings });
  expect(await rebase(another, from, to)).toBe(another);
  // A setting that came on a link which was made since is nothing to the snapshot.
  const made = { ...settings, 'net/ipv6/conf/br0/mtu': '1500' };
  expect(await rebase(to, from, hostOf({ links: [bridge('02:00:00:00:00:02')], sysctls: made }))).toBe(to);
  // A namespace goes with what an undo is to delete, or is no more to be found.
  const inside = { ...to, ns1: hostOf({})[''] as NetnsState };
  expect(withoutDeleted(inside, [{ op: 'netns-delete', name: 'ns1' }])).toEqual(to);
  expect(await rebase(inside, inside, to)).toEqual(to);
});

test('the snapshot of another lab follows in nothing that this one has done itself, nor on a link that was another one then', async () => {
  const local = { type: 'local', dst: '10.1.0.4', dev: 'lo', table: 'local', protocol: 'kernel', prefsrc: '10.1.0.4' };
  const [before, to] = [hostOf({}), hostOf({ routes: [{ family: 4, flags: [], ...local }] })];
  const inverse: Action = { op: 'ip', args: ['address', 'delete', '10.1.0.4/24', 'dev', 'lo'] };
  expect(await rebase(before, before, to)).toEqual(to);
  expect(await rebase(before, before, to, [inverse])).toBe(before);
  const [set, along] = ['default', 'd1'].map((dev) => `net/ipv4/conf/${dev}/rp_filter`) as [string, string];
  const back = hostOf({ links: [{ ifindex: 7, ifname: 'd1', flags: [] }], sysctls: { [along]: '1' } });
  const first = hostOf({ links: [{ ifindex: 3, ifname: 'd1', flags: [] }], sysctls: { [along]: '0' } });
  const found = hostOf({ links: [{ ifindex: 7, ifname: 'd1', flags: [] }], sysctls: { [along]: '0' } });
  expect(await rebase(before, before, back, [{ op: 'sysctl', key: set, value: '0' }], first)).toEqual(found);
  expect(await rebase(before, before, back, [inverse], first)).toEqual(back);

  const withLink = (ifindex: number, mtu: string) =>
    hostOf({ links: [{ ifindex, ifname: 'l0', flags: [] }], sysctls: { 'net/ipv6/conf/l0/mtu': mtu } });
  const known = withLink(7, '1300');
  expect(await rebase(known, withLink(7, '1300'), withLink(7, '1500'))).toEqual(withLink(7, '1500'));
  expect(await rebase(known, withLink(8, '1300'), withLink(8, '1500'))).toBe(known);

  const as = (ifindex: number, more = {}) => hostOf({ links: [{ ifindex, ifname: 'l0', flags: [], ...more }] });
  expect(await rebase(as(7), as(7, { mtu: 1300 }), as(8))).toEqual(as(8));
  const grown = as(7);
  expect(await rebase(grown, as(7, { mtu: 1300 }), as(7, { mtu: 1400 }))).toBe(grown);
});

test('the snapshot of another lab follows on a link that this one changes, and not on one that it has made', async () => {
  const link = { ifindex: 7, ifname: 'l0', flags: [] };
  const inverse = (words: string): Action => ({ op: 'ip', args: words.split(' ') });
  const route = { family: 4, flags: [], type: 'unicast', dst: '10.9.0.0/16', dev: 'l0', table: 'main' };
  const [before, to] = [hostOf({ links: [link] }), hostOf({ links: [link], routes: [route] })];
  expect(await rebase(before, before, to, [inverse('link set dev l0 mtu 1500')])).toEqual(to);

  const none = hostOf({});
  expect(await rebase(none, none, to)).toEqual(to);
  expect(await rebase(none, none, to, [inverse('link delete dev l0')])).toBe(none);
});

test("what comes on a link by another lab alone is that lab's: it goes when the lab changes the link back", async () => {
  const words = (said: string): Action => ({ op: 'ip', args: said.split(' ') });
  const off = (key: string, value: string): Action => ({ op: 'sysctl', key: `net.ipv6.conf.${key}`, value });
  const [links, dev] = [[{ ifindex: 7, ifname: 'l0', flags: [] }], 'l0'];
  const before = hostOf({ links });
  const follows = async (inverses: Action | readonly Action[], now: Given) =>
    (await rebase(before, before, hostOf({ links, ...now }), [inverses].flat())) !== before;
  const route = { family: 4, flags: [], type: 'unicast', dst: '10.9.0.0/16', dev, table: 'main' };
  const anycast = { ...route, family: 6, type: 'anycast', dst: 'fe80::', table: 'local', protocol: 'kernel' };
  const six = { family: 'inet6', local: 'fd00::1', prefixlen: 64, scope: 'global', dev };
  const tagged = { dev, vlan: 5 };
  const [down, out] = ['link set dev l0 down', 'link set dev l0 nomaster'].map(words) as [Action, Action];
  expect(await follows(down, { routes: [route] })).toBe(false);
  expect(await follows(words('link set dev l1 down'), { routes: [route] })).toBe(true);
  // A change that takes the link down for a moment: the lab finds it up, and leaves it so.
  expect(await follows([down, words('link set dev l0 up')], { routes: [route] })).toBe(true);
  expect(await follows([words('link set dev l0 up'), down], { routes: [route] })).toBe(false);
  const linkLocal = { addresses: [{ ...six, local: 'fe80::1', scope: 'link', protocol: 'kernel_ll' }] };
  expect(await follows(down, linkLocal)).toBe(false);
  // Such a change makes it anew.
  expect(await follows([down, words('link set dev l0 up')], linkLocal)).toBe(false);
  // These stay there, or are put back.
  expect(await follows(down, { routes: [{ ...route, type: 'local', table: 'local' }] })).toBe(true);
  expect(await follows(down, { addresses: [six] })).toBe(true);
  expect(await follows(out, { 'bridge vlans': [tagged] })).toBe(false);
  expect(await follows(down, { 'bridge vlans': [tagged] })).toBe(true);
  expect(await follows(off('l0.disable_ipv6', '1'), { addresses: [six] })).toBe(false);
  expect(await follows(off('all.disable_ipv6', '1'), { addresses: [six] })).toBe(false);
  expect(await follows(off('l0.disable_ipv6', '0'), { addresses: [six] })).toBe(true);
  expect(await follows(off('default.disable_ipv6', '1'), { addresses: [six] })).toBe(true);
  expect(await follows(off('all.forwarding', '0'), { routes: [anycast] })).toBe(false);
  expect(await follows(off('all.forwarding', '1'), { routes: [anycast] })).toBe(true);
});

test('hundreds of links come back beside a lab of a thousand changes', async () => {
  const links = Array.from({ length: 100 }, (_, n) => ({ ifindex: n, ifname: `link${n}`, flags: [] }));
  const settings = (value: string) =>
    Object.fromEntries(links.flatMap(({ ifname }) => keysOf(ifname).map((key) => [key, value])));
  const keysOf = (dev: string) => Array.from({ length: 100 }, (_, n) => `net/ipv4/conf/${dev}/key${n}`);
  const inverses = Array.from({ length: 1000 }, (_, n): Action => {
    const args = n % 2 === 0 ? ['link', 'delete', 'dev', `made${n}`] : ['route', 'delete', `10.${n % 250}.0.0/16`];
    return { op: 'ip', args };
  });
  const [first, to] = [hostOf({ links, sysctls: settings('0') }), hostOf({ links, sysctls: settings('1') })];
  const wide: Action = { op: 'sysctl', key: 'net.ipv4.conf.default.key7', value: '0' };
  const known = await rebase(hostOf({}), hostOf({}), to, [...inverses, wide], first);
  expect(known['']?.items.sysctls['net/ipv4/conf/link3/key7']).toBe('0');
  expect(known['']?.items.sysctls['net/ipv4/conf/link3/key8']).toBe('1');
});

test('links that were made again are known by their new number, where they are of the same kind', () => {
  const link = (ifname: string, ifindex: number, kind: string) => ({ ifname, ifindex, linkinfo: { info_kind: kind } });
  const before = hostOf({ links: [link('br0', 7, 'bridge'), link('v1', 8, 'veth'), link('v2', 9, 'veth')] });
  const rows = [link('br0', 17, 'bridge'), link('v1', 18, 'dummy'), link('new', 19, 'veth')];
  const known = renumbered(
    before,
    rows.flatMap((row) => [
      { netns: '', row },
      { netns: 'ns1', row },
    ]),
  );
  expect(known).toEqual(hostOf({ links: [link('br0', 17, 'bridge'), link('v1', 8, 'veth'), link('v2', 9, 'veth')] }));
});
