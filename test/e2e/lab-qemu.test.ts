import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostStates } from './host-state.ts';
import { destroyWell, reached, runWell, shipped } from './lab-runs.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';

const releases = [
  { name: 'Debian 13', options: [], node: '/usr/local/bin/node' },
  { name: 'Debian 12, to which orch brings Node', options: ['--release', 'bookworm'], node: '/var/lib/orch/node/' },
];

const endpoints = ['vm01', 'vm02', 'vm02/ns01', 'vm02/ns02', 'gateway', 'helper'];
const namespaces = ['vm02/ns01', 'vm02/ns02'];

const modprobeNotes = '/run/modprobe-notes';
/** Has modprobe write down what the kernel starts it for. */
const noteModprobe = `touch ${modprobeNotes}
cat > /run/noting-modprobe <<'END'
#!/bin/sh
echo "$*" >> ${modprobeNotes}
exec /sbin/modprobe "$@"
END
chmod +x /run/noting-modprobe && echo /run/noting-modprobe > /proc/sys/kernel/modprobe`;

/** The whole matrix of the seed, measured on real kernels: everyone reaches everyone but for these. */
function truth(...unreachable: (readonly [string, readonly string[]])[]): Readonly<Record<string, string>> {
  const froms = endpoints.slice(0, 4);
  const pairs = froms.flatMap((from) =>
    // 192.168.1.1 is vm02's own.
    endpoints.filter((to) => to !== from && !(from === 'vm01' && to === 'helper')).map((to) => [from, to] as const),
  );
  const isDown = (from: string, to: string) => unreachable.some(([down, tos]) => down === from && tos.includes(to));
  return Object.fromEntries(pairs.map(([from, to]) => [`${from} ${to}`, isDown(from, to) ? 'unreachable' : 'reached']));
}

const steps = {
  'seed-step1': truth(
    ['vm02', [...namespaces, 'helper']],
    ...namespaces.map((from) => [from, ['vm02', 'helper']] as const),
  ),
  'seed-step2': truth(...namespaces.map((from) => [from, ['vm02']] as const)),
  'seed-step3': truth(),
  lab: truth(),
} as const;

/** conf.all and conf.ens34; effective is the larger, and strict (1) is what drops the namespaces' packets to vm02. */
const filters = [
  [0, 1],
  [1, 1],
  [1, 0],
  [0, 0],
  [0, 2],
  [1, 2],
  [2, 0],
] as const;

describe.each(releases)("the seed's lab on $name", { timeout: 240_000 }, ({ options, node }) => {
  let testbed: OwnTestbed;
  let before: unknown;

  /** Sets both by hand; gives whether ns01 reaches vm02's own address then. */
  const setFilter = async (all: number, link: number): Promise<boolean> => {
    const set = `cd /proc/sys/net/ipv4/conf && echo ${all} > all/rp_filter && echo ${link} > ens34/rp_filter`;
    const { code } = await testbed.on(
      'vm02',
      `${set} || exit 9; ip netns exec ns01 fping -q -r 0 -t 1000 172.16.91.14`,
    );
    expect([0, 1]).toContain(code);
    return code === 0;
  };

  beforeAll(async () => {
    testbed = ownTestbed();
    await testbed.up('qemu', ...options);
    before = await hostStates(testbed);
    for (const host of ['vm01', 'vm02']) expect(await testbed.on(host, noteModprobe)).toMatchObject({ code: 0 });
  });
  afterAll(() => testbed.end());

  it('is finished by one run, every cell as measured by hand', async () => {
    const report = await runWell(testbed, shipped('lab'));
    expect(reached(report)).toEqual(steps.lab);
    expect(report.reach.filter(({ expected }) => expected !== null).length).toBeGreaterThanOrEqual(15);
    expect(report.hosts.vm02?.changed).toBeGreaterThan(0);
    // The kernel asks for a module by the name of each link that it is asked for and has not.
    const modules = await Promise.all(['vm01', 'vm02'].map((host) => testbed.on(host, `cat ${modprobeNotes}`)));
    expect(modules[1]?.stdout).toContain('rtnl-link-ipvlan');
    for (const { stdout } of modules) expect(stdout).not.toContain('netdev-');
    const agent = await testbed.on('vm01', `readlink /proc/${await testbed.agentPid('vm01')}/exe`);
    expect(agent.stdout).toContain(node);
  });

  it('is left alone by a second run', async () => {
    const { hosts } = await runWell(testbed, shipped('lab'));
    expect(hosts).toMatchObject({ vm01: { changed: 0 }, vm02: { changed: 0 } });
  });

  it('is told step by step, in any order', async () => {
    for (const step of ['seed-step1', 'seed-step2', 'seed-step3', 'seed-step1', 'lab'] as const) {
      expect({ step, reached: reached(await runWell(testbed, shipped(step))) }).toEqual({ step, reached: steps[step] });
    }
  });

  it('comes to step 3 from any rp_filter, and says which was effective', async () => {
    for (const [all, link] of filters) {
      const effective = Math.max(all, link);
      expect({ all, link, reached: await setFilter(all, link) }).toEqual({ all, link, reached: effective !== 1 });
      const report = await runWell(testbed, shipped('seed-step3'));
      expect(reached(report)).toEqual(steps['seed-step3']);
      const said = report.tasks.find(({ task }) => task === 'Say what was effective')?.message;
      expect(said).toContain(`was ${effective} in effect: conf.all ${all}, conf.ens34 ${link},`);
      expect(report.tasks.find(({ module }) => module === 'sysctl')).toMatchObject({
        status: link === 2 ? 'ok' : 'changed',
        result: { previous: `${link}`, previous_effective: `${effective}`, effective: '2' },
      });
    }
  });

  it('is taken back to what was there before', async () => {
    await setFilter(1, 1);
    await destroyWell(testbed, shipped('lab'));
    expect(await hostStates(testbed)).toEqual(before);
  });
});
