import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadInput, refuse, selectInput } from '../../controller/run/input/input.ts';
import { lackError } from '../../controller/run/input/needs.ts';
import { prepareRun } from '../../controller/run/input/prepare.ts';
import type { OrchError } from '../../proto/errors.ts';
import { commandLine, reach } from './simulated-run.ts';

const here = import.meta.dirname;

function knownNeeds(host: string) {
  const errors: OrchError[] = [];
  const loaded = loadInput(join(here, 'needs/playbook.yml'), [join(here, 'inventory.yml')], [], errors);
  const selection = { tags: { only: [], skip: [] }, limit: undefined, startAtTask: undefined };
  const prepared = prepareRun(
    selectInput(loaded, selection, errors),
    { ...commandLine, forceHandlers: false, reach },
    errors,
  );
  refuse(errors);
  return prepared.needs(host);
}

const shown = (host: string) =>
  knownNeeds(host).map(({ what, which, asked, at }) => `${at.line} ${asked}: ${what} ${which}`);

test('what plays are known to need of a host, before they have begun', () => {
  const common = [
    '4 bridge: link bridge',
    '5 bridge: fdb_max_learned: kernel 6.7',
    '5 bridge: fdb_max_learned: iproute2 6.7',
    '11 vxlan: link vxlan',
    '12 vxlan: localbypass: kernel 6.5',
    '12 vxlan: localbypass: iproute2 6.5',
    '31 dummy: link dummy',
    '33 ifb: link ifb',
  ];
  const alone = [
    ...['42 wireguard: link wireguard', '42 wireguard: program wg', '43 gre: link gre', '43 gre: encap: module fou'],
    '44 daemon: argv: program bird',
    '47 bridge: vlan_filtering: config BRIDGE_VLAN_FILTERING',
    '47 bridge: vlans: config BRIDGE_VLAN_FILTERING',
    '48 impair: program tc',
    '48 impair: config NET_SCH_NETEM',
    '48 impair: loadable sch_netem',
    '50 qdisc: program tc',
    '50 qdisc: root: config NET_SCH_PRIO',
    '50 qdisc: root: loadable sch_prio',
    '50 qdisc: egress: config NET_SCH_INGRESS',
    '50 qdisc: egress: loadable sch_ingress',
    '50 qdisc: egress: config NET_CLS_U32',
    '50 qdisc: egress: loadable cls_u32',
    '51 route: nexthops: config MPLS_IPTUNNEL',
    '51 route: nexthops: config IP_ROUTE_MULTIPATH',
    '55 qdisc: root: config NET_SCH_TBF',
    '57 gre: fwmark: kernel 4.12',
    '57 gre: fwmark: iproute2 4.12',
    '58 address: protocol: kernel 5.18',
    '58 address: protocol: iproute2 6.3',
    '59 addresses: protocol: kernel 5.18',
    '59 addresses: protocol: iproute2 6.3',
    '61 nexthop: group: kernel 6.12',
    '61 nexthop: group: iproute2 6.12',
    '63 rule: config IP_MULTIPLE_TABLES',
    '63 rule: dport: kernel 6.15',
    '63 rule: dport: iproute2 6.15',
    '63 rule: dscp: kernel 6.12',
    '63 rule: dscp: iproute2 6.12',
    ...['64 nft: family: config NF_TABLES_INET', '64 nft: rules: config NFT_CT', '64 nft: rules: config NFT_QUEUE'],
    ...['64 nft: rules: config NFT_REDIR', '65 nft: family: config NF_TABLES_BRIDGE'],
    ...['65 nft: rules: config NFT_BRIDGE_REJECT', '65 nft: rules: config NFT_REJECT'],
    ...['65 nft: rules: config NFT_BRIDGE_META', '67 nft_rule: family: config NF_TABLES_NETDEV'],
    '67 nft_rule: rule: config NFT_FWD_NETDEV',
    ...['69 neighbour: managed: kernel 5.16', '69 neighbour: managed: iproute2 5.16'],
    ...['71 nexthop: type: kernel 5.13', '71 nexthop: type: iproute2 5.13'],
  ];
  expect(shown('vm01')).toEqual([...common, ...alone]);
  expect(shown('vm03')).toEqual([]);
  const netkit = ['8 netkit: kernel 6.7', '8 netkit: iproute2 6.7', '8 netkit: link netkit'];
  const ofItems = [
    ...['75 sysctl: name: sysctl net/ipv4/tcp_late', '76 sysctl: key: sysctl net/ipv6/conf/default/late'],
    '81 sysctl: name: module br_netfilter',
    ...['82 daemon: argv: program bird', '82 daemon: argv: program radvd'],
    ...['84 address: protocol: kernel 5.18', '84 address: protocol: iproute2 6.3'],
  ];
  expect(shown('vm02')).toEqual([...common.slice(0, 3), ...netkit, ...common.slice(3), ...ofItems]);
});

test('a host that lacks some of it is told which task needs what', () => {
  const needs = knownNeeds('vm01');
  const error = lackError('vm01', needs, [
    { need: 1, has: 'Linux 6.1.0' },
    { need: 9, has: 'no such program' },
  ]);
  expect(error).toMatchObject({
    code: 'unsupported-by-host',
    summary: 'bridge: fdb_max_learned needs Linux 6.7 or newer, and vm01 has Linux 6.1.0.',
    detail: expect.stringMatching(
      /needs\/playbook\.yml:42: wireguard needs the program wg, and vm01 has no such program\.$/,
    ),
    hint: 'Nothing was changed on vm01. Leave it out there (when), or use a host that has it.',
    where: { line: 5, column: 45 },
  });
});
