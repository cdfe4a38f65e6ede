import { expect, test } from 'vitest';
import { listsModule, saysBuilt } from '../../agent/linux/programs/kernel-config.ts';
import { isOlder, kernelVersion, Lacks } from '../../agent/linux/programs/lacks.ts';

test.each([
  ['6.1.0-50-cloud-amd64', '6.7', true],
  ['6.12.9', '6.7', false],
  ['6.7.0-rc1', '6.7', false],
  ['5.19', '6.1', true],
  // RHEL 9 has much of what came after 5.14.
  ['5.14.0-503.11.1.el9_5.x86_64', '6.7', false],
  ['unknown', '6.7', false],
])('Linux %s is before %s: %s', (release, needed, older) => {
  expect(isOlder(kernelVersion(release), needed)).toBe(older);
});

test.each([
  ['NET_SCH_HTB', true],
  ['NET_SCH_NETEM', true],
  ['NET_SCH_FQ', false],
  ['NET_SCH_FQ_CODEL', false],
  ['BRIDGE', false],
])('a kernel says that it was built with %s: %s', (option, says) => {
  const config =
    'CONFIG_NET_SCH_HTB=y\nCONFIG_NET_SCH_NETEM=m\n# CONFIG_NET_SCH_FQ is not set\nCONFIG_BRIDGE_VLAN_FILTERING=y\n';
  expect(saysBuilt(option, config)).toBe(says);
});

test.each([
  ['sch_htb', true],
  ['sch_netem', true],
  ['sch_fq', false],
  ['sch', false],
  ['netem', false],
])('a list of modules has %s: %s', (module, has) => {
  const list =
    'kernel/net/sched/sch_htb.ko\nkernel/net/sched/sch_netem.ko.xz:\nkernel/net/sched/sch_fq_codel.ko: kernel/lib/libcrc32c.ko\n';
  expect(listsModule(module, list)).toBe(has);
});

test('what a host lacks is told with what it has instead', async () => {
  const lacks = new Lacks();
  expect(await lacks.lack({ what: 'kernel', which: '99.0' })).toMatch(/^Linux \d/);
  expect(await lacks.lack({ what: 'kernel', which: '2.6' })).toBeUndefined();
  expect(await lacks.lack({ what: 'program', which: 'orch-no-such-program' })).toBe('no such program');
  expect(await lacks.lack({ what: 'config', which: 'NET' })).toBeUndefined();
  expect(await lacks.lack({ what: 'program', which: 'sh' })).toBeUndefined();
});
