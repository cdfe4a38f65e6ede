import { expect, it } from 'vitest';
import { ImaginedKernel } from '../../agent/engine/check/imagined-kernel.ts';
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

const set = (netns: string | undefined, said: string): Step => ({
  object: said,
  action: { op: 'ip', netns, args: ['link', 'set', 'dev', ...said.split(' ')] },
  undo: [],
});

it('answers for ip with links under the names and in the namespaces that they would have', async () => {
  const kernel = new ImaginedKernel();
  kernel.note([set(undefined, 'v0 mtu 1400'), set(undefined, 'v0 name w0'), set(undefined, 'v1 netns ns1 name x1')]);
  const here = [
    { ifindex: 5, ifname: 'v0', link: 'v1', master: 'br0', mtu: 1500, flags: [] },
    { ifindex: 6, ifname: 'v1', link: 'v0', mtu: 1500, addr_info: [{ family: 'inet', local: '10.0.0.1' }] },
  ];
  const ask = async (args: readonly string[], netns?: string) => {
    const name = args[args.indexOf('dev') + 1];
    const rows = netns === undefined ? here.filter(({ ifname }) => !args.includes('dev') || ifname === name) : [];
    return { rows, missing: rows.length === 0 };
  };
  const asked = async (said: string, netns?: string) => (await kernel.ip(ask, said.split(' '), netns)).rows;
  const w0 = { ifindex: 5, ifname: 'w0', master: 'br0', mtu: 1400, flags: [], link_index: 6, link_netnsid: -1 };
  expect(await asked('link show')).toEqual([w0]);
  expect(await asked('link show dev w0')).toEqual([w0]);
  expect(await asked('link show dev v0')).toEqual([]);
  expect(await asked('address show', 'ns1')).toEqual([
    { ifindex: 6, ifname: 'x1', mtu: 1500, addr_info: [], link_index: 5, link_netnsid: -2 },
  ]);
  expect(await asked('netns list-id', 'ns1')).toEqual([{ nsid: -1, name: 'ns1' }, { nsid: -2 }]);
  const sysctl = (key: string, netns?: string) => kernel.sysctl(async (real) => real, key, netns);
  expect(await sysctl('net/ipv4/conf/w0/rp_filter')).toBe('net/ipv4/conf/v0/rp_filter');
  expect(await sysctl('net/ipv4/conf/v0/rp_filter')).toBeUndefined();
  expect(await sysctl('net/ipv4/conf/x1/rp_filter', 'ns1')).toBeUndefined();
});

it('asks programs that show a link by the name and in the namespace that the host has it in', async () => {
  const kernel = new ImaginedKernel();
  const moves = ['v0 name w0', 'v1 name v0', 'v2 netns ns1 name x2', 'ifb0 name ifb1'];
  kernel.note([...moves.map((said) => set(undefined, said)), set('ns2', 'wg0 netns ns1'), removal(undefined, 'v3')]);
  const answers: Readonly<Record<string, string>> = {
    'tc -d filter show dev v0 ingress': 'action order 1: mirred (Egress Redirect to device ifb0) stolen',
    'bridge -j vlan show dev v0': '[{"ifname":"v0","vlans":[{"vlan":10}]}]',
    'bridge -j vlan show dev v2': '[{"ifname":"v2","vlans":[{"vlan":10}]}]',
    'bridge -j fdb show br br0': '[{"mac":"a","ifname":"v0","master":"br0"},{"mac":"b","ifname":"v2","master":"br0"}]',
    'bridge -j mdb show dev br0': '[{"mdb":[{"dev":"br0","port":"v1","grp":"ff02::1"}],"router":{}}]',
    'bridge -j fdb show dev v2': '[{"mac":"a","dst":"10.0.0.9"},{"mac":"b","state":"permanent"}]',
  };
  const asked = async (said: string, netns?: string) => {
    const spoken: string[] = [];
    const { stdout, stderr } = await kernel.exec(
      async (command) => {
        const words = command.argv.join(' ');
        spoken.push(command.netns === undefined ? words : `${command.netns}: ${words}`);
        return { status: 0, stdout: answers[words] ?? '', stderr: '', timedOut: false };
      },
      { argv: said.split(' '), netns },
    );
    return [...spoken, stdout, stderr].filter((text) => text !== '');
  };
  expect(await asked('tc -d filter show dev w0 ingress')).toEqual([
    'tc -d filter show dev v0 ingress',
    'action order 1: mirred (Egress Redirect to device ifb1) stolen',
  ]);
  expect(await asked('tc -d -n ns1 qdisc show dev x2')).toEqual([]);
  expect(await asked('tc -d qdisc show dev v3')).toEqual(['Cannot find device "v3"']);
  expect(await asked('tc -d -n ns1 qdisc show dev v0')).toEqual(['tc -n ns1 -d qdisc show dev v0']);
  expect(await asked('bridge -j vlan show dev w0')).toEqual([
    'bridge -j vlan show dev v0',
    '[{"ifname":"w0","vlans":[{"vlan":10}]}]',
  ]);
  expect(await asked('bridge -n ns1 -j vlan show dev x2')).toEqual(['bridge -j vlan show dev v2', '[]']);
  expect(await asked('bridge -n ns1 -j fdb show dev x2')).toEqual([
    'bridge -j fdb show dev v2',
    '[{"mac":"a","dst":"10.0.0.9"}]',
  ]);
  expect(await asked('bridge -j fdb show br br0')).toEqual([
    'bridge -j fdb show br br0',
    '[{"mac":"a","ifname":"w0","master":"br0"},{"mac":"b","master":"br0"}]',
  ]);
  expect(await asked('bridge -j mdb show dev br0')).toEqual([
    'bridge -j mdb show dev br0',
    '[{"mdb":[{"dev":"br0","port":"v0","grp":"ff02::1"}],"router":{}}]',
  ]);
  expect(await asked('ethtool --show-coalesce w0')).toEqual(['ethtool --show-coalesce v0']);
  expect(await asked('wg show wg0 dump', 'ns1')).toEqual(['ns2: wg show wg0 dump']);
  expect(await asked('wg genkey')).toEqual(['wg genkey']);
  expect(await asked('git show v3')).toEqual(['git show v3']);
});

it('takes no name of a link for a word, nor for a pattern', async () => {
  const kernel = new ImaginedKernel();
  kernel.note([set(undefined, 'name up'), set(undefined, 'netns mtu 1400'), set(undefined, 'v0 name $&')]);
  const asked = async (name: string) =>
    (
      await kernel.ip(
        async (args) => ({ missing: false, rows: [{ ifname: args.at(-1) }] }),
        ['link', 'show', 'dev', name],
        undefined,
      )
    ).rows;
  expect(await asked('name')).toEqual([{ ifname: 'name', flags: ['UP'] }]);
  expect(await asked('netns')).toEqual([{ ifname: 'netns', mtu: 1400, flags: [] }]);
  expect(await kernel.sysctl(async (key) => key, 'net/ipv4/conf/$&/rp_filter', undefined)).toBe(
    'net/ipv4/conf/v0/rp_filter',
  );
  kernel.note([{ object: 'a', action: { op: 'sysctl', key: 'net/ipv4/conf/$&/rp_filter', value: '2' }, undo: [] }]);
  kernel.note([set(undefined, '$& name $$')]);
  expect(await kernel.sysctl(async (key) => key, 'net/ipv4/conf/$$/rp_filter', undefined)).toBe('2');
});
