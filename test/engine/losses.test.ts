import { expect, test } from 'vitest';
import { withLosses, withQueueing } from '../../agent/engine/losses/losses.ts';
import type { ExecResult, HostCommand } from '../../agent/linux/host.ts';
import type { Step } from '../../agent/modules/module.ts';
import { FakeHost } from './fake-host.ts';

/** What Debian 13 answers of a host with one uplink. */
const answers: Readonly<Record<string, object[]>> = {
  '-4 route show table all': [
    {
      type: 'unicast',
      dst: 'default',
      gateway: '172.16.91.2',
      dev: 'ens34',
      table: 'main',
      protocol: 'boot',
      scope: 'global',
      flags: [],
    },
    {
      type: 'unicast',
      dst: '172.16.91.0/24',
      dev: 'ens34',
      protocol: 'kernel',
      scope: 'link',
      prefsrc: '172.16.91.14',
      flags: [],
    },
    { type: 'unicast', dst: '10.9.0.0/16', dev: 'ens34', table: '100', protocol: 'static', scope: 'link', flags: [] },
    {
      type: 'unicast',
      dst: '10.8.0.0/16',
      dev: 'other0',
      table: 'main',
      protocol: 'boot',
      scope: 'link',
      prefsrc: '172.16.91.14',
      flags: [],
    },
    { type: 'unicast', dst: '10.7.0.0/16', dev: 'other0', table: 'main', protocol: 'boot', scope: 'link', flags: [] },
  ],
  '-6 route show table all': [
    { type: 'unicast', dst: 'fe80::/64', dev: 'ens34', table: 'main', protocol: 'kernel', metric: 256, flags: [] },
    {
      type: 'unicast',
      dst: 'default',
      gateway: 'fe80::1',
      dev: 'ens34',
      table: 'main',
      protocol: 'ra',
      metric: 100,
      flags: [],
    },
    {
      type: 'unicast',
      dst: 'fd01::/64',
      gateway: 'fd00::2',
      dev: 'ens34',
      table: 'main',
      protocol: 'boot',
      metric: 1024,
      flags: [],
    },
  ],
  'address show dev ens34': [
    {
      ifname: 'ens34',
      addr_info: [
        { family: 'inet', local: '172.16.91.14', prefixlen: 24, scope: 'global', label: 'ens34' },
        { family: 'inet6', local: 'fd00::14', prefixlen: 64, scope: 'global' },
        {
          family: 'inet6',
          local: 'fd02::1:2:3',
          prefixlen: 64,
          scope: 'global',
          mngtmpaddr: true,
          valid_life_time: 86400,
        },
        { family: 'inet6', local: 'fe80::77', prefixlen: 64, scope: 'link', nodad: true },
        { family: 'inet6', local: 'fe80::1:2', prefixlen: 64, scope: 'link', protocol: 'kernel_ll' },
      ],
    },
  ],
};

/** A port of a bridge with all that goes with it, and a bridge without ports. */
const port: Readonly<Record<string, object[]>> = {
  'address show dev c0': [
    {
      ifname: 'c0',
      master: 'br0',
      linkinfo: { info_kind: 'veth', info_slave_kind: 'bridge', info_slave_data: { hairpin: true } },
      addr_info: [],
    },
  ],
  'address show': [
    { ifname: 'br0', linkinfo: { info_kind: 'bridge', info_data: { vlan_filtering: 1, vlan_default_pvid: 1 } } },
    { ifname: 'c0', master: 'br0', linkinfo: { info_kind: 'veth' }, address: '02:00:00:00:01:01' },
  ],
  'neighbour show dev c0 nud permanent': [
    { dst: '10.9.0.7', dev: 'c0', lladdr: '02:00:00:00:00:07', state: ['PERMANENT'] },
    { dst: 'fd00::7', dev: 'c0', lladdr: '02:00:00:00:00:07', router: null, state: ['PERMANENT'] },
  ],
  'neighbour show dev c0 proxy': [{ dst: '10.9.0.8', dev: 'c0' }],
  'link show dev br1': [{ ifname: 'br1', address: '92:00:00:00:00:01', linkinfo: { info_kind: 'bridge' } }],
  'neighbour show dev br1 nud permanent': [],
};

/** As tc shows it; other words make it. */
const shaped = 'qdisc tbf 8001: root refcnt 2 rate 1Mbit burst 1600b lat 50ms \n';

const tables: Readonly<Record<string, object[] | string>> = {
  'bridge -j vlan show': [
    { ifname: 'br0', vlans: [{ vlan: 1, flags: ['PVID', 'Egress Untagged'] }] },
    {
      ifname: 'c0',
      vlans: [
        { vlan: 10, vlanEnd: 12 },
        { vlan: 20, flags: ['PVID', 'Egress Untagged'] },
      ],
    },
  ],
  'bridge -j fdb show': [
    { mac: '02:00:00:00:00:99', ifname: 'c0', master: 'br0', flags: [], state: 'static' },
    { mac: '02:00:00:00:01:01', ifname: 'c0', master: 'br0', flags: [], state: 'permanent' },
    { mac: '02:00:00:00:00:98', ifname: 'c0', master: 'br0', flags: [], state: '' },
    { mac: '02:00:00:00:00:97', ifname: 'd0', master: 'br0', flags: [], state: 'static' },
  ],
  'tc -j qdisc show': [{ kind: 'tbf', handle: '8001:', dev: 'c0', root: true }],
  'tc -d qdisc show dev c0': shaped,
  'bridge -j mdb show': [{ mdb: [{ dev: 'br0', port: 'c0', grp: '239.1.1.1', state: 'permanent' }], router: {} }],
  'grep -rs': [
    'ipv4/conf/default/rp_filter:0',
    'ipv4/conf/c0/rp_filter:2',
    'ipv4/neigh/lo/locktime:100',
    'ipv4/neigh/c0/locktime:100',
    'ipv4/neigh/lo/proxy_qlen:64',
    'ipv4/neigh/c0/proxy_qlen:65',
    'ipv4/conf/c0/arp_ignore:0',
    'ipv4/conf/default/arp_ignore:0',
    'ipv6/conf/c0/mtu:1500',
    'ipv6/conf/default/mtu:1280',
  ]
    .map((line) => `/proc/sys/net/${line}\n`)
    .join(''),
};

class Answering extends FakeHost {
  override async ip(args: readonly string[]) {
    return { rows: ({ ...answers, ...port }[args.join(' ')] ?? []) as Record<string, unknown>[], missing: false };
  }

  override async exec({ argv }: HostCommand): Promise<ExecResult> {
    const found = Object.entries(tables).find(([start]) => argv.join(' ').startsWith(start))?.[1] ?? [];
    const stdout = typeof found === 'string' ? found : JSON.stringify(found);
    return { status: 0, stdout, stderr: '', timedOut: false };
  }

  override async scratch(): Promise<ExecResult> {
    return { status: 0, stdout: `${shaped}%\n%\n%\n%\n`, stderr: '', timedOut: false };
  }
}

async function losses(...args: string[]): Promise<string[]> {
  const step: Step = { object: 'x', action: { op: 'ip', args }, undo: [{ op: 'ip', args: ['inverse'] }] };
  const [found] = await withLosses([step], new Answering({}));
  return (found?.undo ?? []).slice(1).map((action) => {
    if (action.op === 'sysctl') return `${action.key}=${action.value}`;
    if (action.op === 'tc') return action.commands.map((words) => words.join(' ')).join('; ');
    return action.op === 'ip' || action.op === 'bridge' ? action.args.join(' ') : action.op;
  });
}

const v4Routes = [
  'route add 10.9.0.0/16 dev ens34 table 100 scope link protocol static',
  'route add 0.0.0.0/0 via 172.16.91.2 dev ens34 table main scope global',
];
const addresses = [
  'address add 172.16.91.14/24 dev ens34 scope global',
  'address add fe80::77/64 dev ens34 nodad',
  'address add fd00::14/64 dev ens34',
];
const v6 = ['-6 route add fd01::/64 via fd00::2 dev ens34 table main'];

test('routes of the link and of the address go with it, and come back in an order that works', async () => {
  expect(await losses('address', 'delete', '172.16.91.14/24', 'dev', 'ens34')).toEqual([
    ...addresses,
    v4Routes[0],
    'route add 10.8.0.0/16 dev other0 table main scope link src 172.16.91.14',
    v4Routes[1],
    ...v6,
  ]);
});

test('a link that goes down loses routes and addresses; what the kernel makes again is not made twice', async () => {
  const found = [...addresses, ...v4Routes, ...v6];
  expect(await losses('link', 'set', 'dev', 'ens34', 'down')).toEqual(found);
  expect(await losses('link', 'set', 'dev', 'ens34', 'master', 'br0')).toEqual(found);
});

test('other changes take nothing along', async () => {
  expect(await losses('link', 'set', 'dev', 'ens34', 'alias', 'x')).toEqual([]);
  expect(await losses('link', 'set', 'dev', 'ens34', 'up')).toEqual([]);
  expect(await losses('address', 'add', '10.0.0.1/24', 'dev', 'ens34')).toEqual([]);
});

const neighbours = [
  'neighbour add 10.9.0.7 lladdr 02:00:00:00:00:07 dev c0 nud permanent',
  'neighbour add fd00::7 lladdr 02:00:00:00:00:07 dev c0 nud permanent router',
  'neighbour add proxy 10.9.0.8 dev c0',
];
const asPort = [
  'link set dev c0 type bridge_slave hairpin on',
  'vlan del dev c0 vid 1',
  'vlan add dev c0 vid 10-12',
  'vlan add dev c0 vid 20 pvid untagged',
  'fdb replace 02:00:00:00:00:99 dev c0 master static',
  'mdb add dev br0 port c0 grp 239.1.1.1 permanent',
];

test('another MAC address costs a link its neighbours, and so does going down', async () => {
  expect(await losses('link', 'set', 'dev', 'c0', 'address', '02:00:00:00:01:02')).toEqual(neighbours);
  expect(await losses('link', 'set', 'dev', 'c0', 'down')).toEqual(neighbours);
});

test('a port that gets another bridge loses what it was to the first; a bridge without ports, its own MAC address', async () => {
  const found = await losses('link', 'set', 'dev', 'c0', 'master', 'br1');
  expect(found).toEqual(['link set dev br1 address 92:00:00:00:00:01', ...neighbours, ...asPort]);
  expect(await losses('link', 'set', 'dev', 'c0', 'nomaster')).toEqual([...neighbours, ...asPort]);
});

test('a link that is removed loses its sysctls, those that a new one has not by itself, and its queueing', async () => {
  const found = await losses('link', 'delete', 'dev', 'c0');
  const sysctls = ['net/ipv4/conf/c0/rp_filter=2', 'net/ipv4/neigh/c0/proxy_qlen=65'];
  const queueing = 'qdisc add dev c0 root handle 8001: tbf rate 1Mbit burst 1600b latency 50ms';
  expect(found).toEqual([...sysctls, ...neighbours, ...asPort, queueing]);
});

test('what several steps of a plan cost comes back with the first of them, which is undone last', async () => {
  const undo = [{ op: 'ip', args: ['inverse'] }] as const;
  const step = (...args: string[]): Step => ({ object: 'x', action: { op: 'ip', args }, undo });
  const steps = [step('link', 'set', 'dev', 'c0', 'down'), step('link', 'set', 'dev', 'c0', 'name', 'c1')];
  const [down, named] = await withLosses(steps, new Answering({}));
  expect(down?.undo).toHaveLength(1 + neighbours.length);
  expect(named?.undo).toEqual(undo);
});

test('what a new port costs its master comes back with the port, once in a run', async () => {
  const args = (...words: string[]) => ({ op: 'ip', args: words }) as const;
  const making: Step = { object: 'x', action: args('link', 'add', 'c9'), undo: [args('link', 'delete', 'c9')] };
  const joining: Step = { object: 'x', action: args('link', 'set', 'dev', 'c9', 'master', 'c0'), undo: [] };
  const noted = async (isNoted: boolean) => {
    const steps = await withLosses([making, joining], new Answering({}), { takesBackMaster: () => isNoted });
    return steps.map(({ undo }) => undo.length);
  };
  expect(await noted(false)).toEqual([1 + neighbours.length, 0]);
  expect(await noted(true)).toEqual([1, 0]);
});

test('a destroy brings back queueing by itself, and all else by the snapshot', async () => {
  const args = ['link', 'delete', 'dev', 'c0'];
  const steps: Step[] = [
    { object: 'link c0', action: { op: 'ip', args }, undo: [{ op: 'ip', args: ['inverse'] }], removes: true },
  ];
  const noted = await withLosses(steps, new Answering({}));
  const [booked] = withQueueing(steps, noted);
  expect(noted[0]?.undo.length).toBeGreaterThan(2);
  expect(booked?.undo.map(({ op }) => op)).toEqual(['ip', 'tc']);
});
