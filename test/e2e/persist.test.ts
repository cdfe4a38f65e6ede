import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { destroyWell, runWell } from './lab-runs.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';

const lasting = `- hosts: vm02
  lab: lasting
  become: true
  gather_facts: false
  persist: true
  tasks:
    - netns: { name: ns01, lo: up }
    - bridge: { name: br0, netns: ns01, state: up }
    - address: { address: 10.9.0.1/24, dev: br0, netns: ns01 }
    - route: { dst: default, via: 10.9.0.9, netns: ns01 }
    - sysctl: { name: net.ipv4.ip_forward, value: 1 }
    - nft: { table: lasting, rules: "chain input { type filter hook input priority 10; policy accept; }" }
    - daemon: { name: sleeper, netns: ns01, argv: [sleep, infinity] }
`;

const unit = '/etc/systemd/system/orch-boot.service';

/** What a restart does to a host that shares this machine's kernel, whose systemd then starts what is enabled. */
const restart = [
  'kill -9 "$(sed -n "s/.*\\"pid\\":\\([0-9]*\\).*/\\1/p" /run/orch/agent.json)"',
  'ip netns pids ns01 | xargs -r kill -9',
  'ip netns delete ns01; nft delete table inet lasting; echo 0 >/proc/sys/net/ipv4/ip_forward; rm -rf /run/orch',
  'cat /proc/sys/kernel/random/uuid >/run/boot_id && mount --bind /run/boot_id /proc/sys/kernel/random/boot_id',
  `cd /etc/systemd/system/multi-user.target.wants && argv=$(sed -n s/^ExecStart=//p orch-boot.service)`,
  'setsid $argv </dev/null >/dev/null 2>>/var/lib/orch/agent.log &',
].join('\n');

const kinds = [
  {
    name: 'a host of the netns testbed that takes itself for one of systemd',
    options: ['--driver', 'netns'],
    env: {},
    prepare: 'mkdir -p /run/systemd/system',
    restart: (testbed: OwnTestbed) => testbed.on('vm02', restart),
  },
  {
    name: 'a VM with systemd whose power is cut',
    options: ['--driver', 'qemu'],
    env: { ORCH_TESTBED_SYSTEMD: '1' },
    prepare: '[ "$(ps -p 1 -o comm=)" = systemd ]',
    restart: (testbed: OwnTestbed, env: Readonly<Record<string, string>>) =>
      testbed.orch(['testbed', 'power-cycle', 'vm02'], { env }),
  },
];

/** The VM needs an image of its own, and minutes: with ORCH_TEST_ALL=1. */
const tried = process.env.ORCH_TEST_ALL === '1' ? kinds : kinds.slice(0, 1);

describe.each(tried)('a play with persist on $name', ({ options, env, prepare, restart }) => {
  let testbed: OwnTestbed;
  let playbook: string;

  beforeAll(async () => {
    testbed = ownTestbed();
    playbook = join(testbed.folder, 'lasting.yml');
    writeFileSync(playbook, lasting);
    expect(await testbed.orch(['testbed', 'up', ...options], { env })).toMatchObject({ code: 0 });
  });
  afterAll(() => testbed.end());

  it('is refused, and nothing done, where no systemd would bring it back', async () => {
    if (options.includes('qemu')) return;
    const { code, stdout } = await testbed.orch(['run', playbook]);
    expect(code).toBe(2);
    expect(stdout).toContain('A play with persist needs systemd on the host');
    expect((await testbed.on('vm02', 'ip netns')).stdout).toBe('');
  });

  it('is brought back when the host was started anew, before a controller comes', async () => {
    expect(await testbed.on('vm02', prepare)).toMatchObject({ code: 0 });
    await runWell(testbed, playbook);
    expect(await testbed.on('vm02', `stat -c %a /var/lib/orch/labs/lasting.plan ${unit}`)).toMatchObject({
      stdout: '600\n644\n',
    });
    expect(await restart(testbed, env)).toMatchObject({ code: 0 });
    const back = 'timeout 150 sh -c "until pgrep -x sleep -a | grep -q infinity; do sleep 0.2; done"';
    const shown = await testbed.on(
      'vm02',
      `${back}; ip -n ns01 route; nft list tables; cat /proc/sys/net/ipv4/ip_forward`,
    );
    expect(shown.stdout).toContain('default via 10.9.0.9 dev br0');
    expect(shown.stdout).toContain('table inet lasting\n1\n');
  });

  it('is told of by status and by the next run, which has nothing to do', async () => {
    // Its last task, the daemon, may not have ended yet.
    const status = async () => (await testbed.orch(['status'])).stdout;
    await expect.poll(status, { timeout: 60_000 }).toContain('its agent brought the lab back at');
    expect(await status()).toContain('7 of 7 tasks, 7 changed');
    const next = await testbed.orch(['run', playbook]);
    expect(next.stdout).toContain('its agent brought the lab back at');
    expect(next.stdout).toMatch(/vm02 +: ok=7 +changed=0/);
    expect((await testbed.orch(['run', playbook])).stdout).not.toContain('its agent brought the lab back at');
  });

  it('is destroyed with all that would bring it back', async () => {
    const { hosts } = await destroyWell(testbed, playbook);
    expect(hosts[0]?.proof).toMatchObject({ proved: true });
    const left = 'find /etc/systemd/system /var/lib/orch/labs -name "orch-boot*" -o -name "lasting*"';
    expect((await testbed.on('vm02', left)).stdout).toBe('');
  });
});
