import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WhyReport } from '../../controller/report/why/why-types.ts';
import { all } from './confirm-lab.ts';
import { type FaultsLab, faultsLab } from './faults-lab.ts';
import { hostStates } from './host-state.ts';

/*
 * `orch why` is killed at random moments: its controller, an agent, or the way to a host, of which nobody hears then. What
 * it had armed must be gone after the next contact; the agent of a host that was cut off hears of it by its keepalive.
 * Hosts that are network namespaces share this machine's tracing, if it has any, with whoever else works here: what is left of
 * that is looked at on emulated hosts.
 */
const times = 10;
const victims = ['controller', 'agent', 'way'] as const;
/** Keepalive: 20 s until it asks, 10 s until it gives up. */
const gone = { timeout: 45_000, interval: 1000 };
const hosts = ['vm01', 'vm02'];
/** A tracer of somebody else. */
const foreign =
  'table inet foreign { chain i { type filter hook input priority -360; icmp type echo-request meta nftrace set 1; }; }';

describe.runIf(all).each(['netns', 'qemu'])('orch why on hosts of %s', { timeout: 700_000 }, (driver) => {
  let lab: FaultsLab;
  let folder: string;
  let before: unknown;
  /** How long it takes when nobody kills it. */
  let wholeMs = 0;
  /** While true nothing passes to or from vm02's agent, and nobody is told. */
  let cut = false;
  const waiting = new Set<() => void>();

  /** Resolves once words pass. */
  async function open(): Promise<void> {
    if (cut) await new Promise<void>((resolve) => waiting.add(resolve));
  }

  async function pass(from: Socket, to: Socket): Promise<void> {
    for await (const piece of from) {
      await open();
      if (to.destroyed) return;
      to.write(piece);
    }
    await open();
    to.end();
  }

  beforeAll(async () => {
    lab = await faultsLab(2, driver);
    folder = join(lab.testbed.folder, 'killed');
    mkdirSync(folder);
    const port = await lab.port((client) => {
      const agent = connect({ host: '127.0.0.1', port: Number(lab.vars('vm02').orch_agent_port), noDelay: true });
      const end = async () => {
        await open();
        client.destroy();
        agent.destroy();
      };
      agent.on('error', () => void end());
      for (const [from, to] of [
        [client, agent],
        [agent, client],
      ] as const) {
        pass(from, to).catch(end);
      }
    });
    const inventory = { vm01: lab.vars('vm01'), vm02: { ...lab.vars('vm02'), orch_agent_port: port } };
    writeFileSync(join(folder, 'hosts.yml'), JSON.stringify({ all: { hosts: inventory } }));
    await lab.on('vm02', 'sysctl -qw net.ipv4.icmp_echo_ignore_all=1');
    // Where there are no tables, nothing of nftables is traced.
    for (const host of hosts) await lab.on(host, 'nft add table inet own');
    await why();
    const startedAt = Date.now();
    await why();
    wholeMs = Date.now() - startedAt;
    before = await hostStates(lab.testbed);
  });
  afterAll(() => lab?.end());

  const args = ['why', 'vm01', '172.16.91.14', '-i', 'hosts.yml', '-o', 'json'];
  async function why(): Promise<WhyReport> {
    const { code, stdout, stderr } = await lab.testbed.orch(args, { cwd: folder });
    expect(code, stderr).toBe(3);
    return JSON.parse(stdout) as WhyReport;
  }

  /** What `orch why` may have left on a host. */
  function leftOn(host: string): Promise<string> {
    const tracing = 'ls /sys/kernel/tracing/instances; cat /sys/kernel/tracing/dynamic_events';
    // Programs of tracing (BPF_PROG_TYPE_TRACING is 26) that some process holds.
    const programs = 'grep -lsE "^prog_type:[[:space:]]26$" /proc/[0-9]*/fdinfo/*';
    const more = driver === 'qemu' ? { tracing: `; ${tracing}`, programs } : { tracing: '', programs: 'true' };
    return lab.on(host, `(nft list tables${more.tracing}) | grep orch; ${more.programs}; true`);
  }

  async function killAt(ms: number, victim: (typeof victims)[number]): Promise<void> {
    const { kill, ended } = lab.testbed.start(args, { cwd: folder });
    await sleep(ms);
    if (victim === 'agent') await lab.on('vm02', `kill -9 ${await lab.testbed.agentPid('vm02')}`);
    cut = victim === 'way';
    if (victim !== 'agent') kill('SIGKILL');
    await ended;
  }

  test('leaves nothing behind, killed at ten moments', async () => {
    for (let time = 0; time < times; time++) {
      const victim = victims[time % victims.length] ?? 'controller';
      const ms = Math.round(Math.random() * wholeMs);
      await killAt(ms, victim);
      if (victim === 'way') {
        for (const host of hosts)
          await expect.poll(() => leftOn(host), { ...gone, message: `cut after ${ms} ms` }).toBe('');
        cut = false;
        for (const resume of waiting) resume();
        waiting.clear();
      }
      const report = await why();
      expect(report.verdicts[0]?.cause, `${victim} after ${ms} ms`).toBe('echo-ignored');
      for (const host of hosts) {
        await expect.poll(() => leftOn(host), { ...gone, message: `${victim} on ${host} after ${ms} ms` }).toBe('');
      }
    }
    expect(await hostStates(lab.testbed)).toEqual(before);
  });

  test('goes beside another one, and beside a tracer of somebody else', async () => {
    await lab.on('vm02', `nft '${foreign}'`);
    const reports = await Promise.all([why(), why()]);
    for (const { verdicts } of reports) expect(verdicts[0]?.cause).toBe('echo-ignored');
    expect(await lab.on('vm02', 'nft list tables')).toContain('table inet foreign');
    for (const host of hosts) await expect.poll(() => leftOn(host), gone).toBe('');
    await lab.on('vm02', 'nft delete table inet foreign');
    expect(await hostStates(lab.testbed)).toEqual(before);
  });
});
