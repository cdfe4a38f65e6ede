import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import type { WhyReport } from '../../controller/report/why/why-types.ts';
import { ownTestbed } from './own-testbed.ts';

// A case breaks something by shell commands on hosts and says what `orch why` must find, in order.
const caseFile = z.strictObject({
  why: z.string(),
  /** Tried by every run of the tests; the others with ORCH_TEST_ALL=1. */
  always: z.boolean().default(false),
  faults: z.record(z.string(), z.string()),
  from: z.string(),
  to: z.string(),
  args: z.array(z.string()).default([]),
  verdicts: z.array(z.string()),
});

const folder = join(import.meta.dirname, 'why');
const cases = readdirSync(folder)
  .map((file) => ({ name: file.slice(0, -4), ...caseFile.parse(parse(readFileSync(join(folder, file), 'utf8'))) }))
  .filter(({ always }) => always || process.env.ORCH_TEST_ALL === '1');

const testbed = ownTestbed();
beforeAll(async () => {
  await testbed.up('netns');
});
afterAll(() => testbed.end());

/** ns01 (10.9.0.2) behind vm02, which forwards to vm01; whatever a case before left is gone. */
const healthy = {
  vm01: `
    nft delete table inet why 2>/dev/null
    ip route replace 10.9.0.0/24 via 172.16.91.14
    sysctl -qw net.ipv4.icmp_echo_ignore_all=0`,
  vm02: `
    nft delete table inet why 2>/dev/null
    for name in $(ip netns list | cut -d" " -f1); do ip netns del $name; done
    for link in v1 v2 br0 d2 d3; do ip link del $link 2>/dev/null; done
    ip address flush dev lo; ip address add 127.0.0.1/8 dev lo
    for type in blackhole unreachable prohibit; do ip route flush type $type; done
    ip route replace default via 172.16.91.2
    ip route flush table 100 2>/dev/null; ip rule del priority 100 2>/dev/null; ip xfrm policy flush
    sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.ip_forward=1
    ip netns add ns01
    ip link add v1 type veth peer name c1 netns ns01
    ip address add 10.9.0.1/24 dev v1
    ip link set v1 up
    ip -n ns01 link set lo up
    ip -n ns01 address add 10.9.0.2/24 dev c1
    ip -n ns01 link set c1 up
    ip -n ns01 route add default via 10.9.0.1
    ping -c1 -W2 10.9.0.2 >/dev/null`,
};

describe.each(cases)('$name', ({ faults, from, to, args, verdicts }) => {
  test('is found', async () => {
    for (const [host, commands] of Object.entries(healthy)) {
      const made = await testbed.on(host, commands);
      expect(made.code, made.stderr).toBe(0);
    }
    for (const [host, commands] of Object.entries(faults)) {
      const broken = await testbed.on(host, commands);
      expect(broken.code, broken.stderr).toBe(0);
    }
    const said = await testbed.orch(['why', from, to, ...args, '--output', 'json', '--probe-timeout', '0.5']);
    expect(said.code, said.stderr).toBe(3);
    const report = JSON.parse(said.stdout) as WhyReport;
    const found = report.verdicts.map(({ confidence, cause, host, netns, device, direction }) =>
      [confidence, cause, netns === '' ? host : `${host}/${netns}`, device, direction]
        .filter((part) => part !== undefined)
        .join(' '),
    );
    expect(found).toEqual(verdicts);
  });
});
