import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchHosts, orch } from './hosts.ts';
import { run, type Timing, timing } from './measure.ts';

/** What a TCP stream through a host gets while nothing is watched there, and while `orch why` has its packets watched. */
export interface TracingFigures {
  /** How packets are watched on the host in the middle. */
  readonly level: string;
  /** Mbit/s, as the receiver counts them. */
  readonly plain: Timing['samplesMs'];
  readonly watched: Timing['samplesMs'];
  readonly lossPercent: number;
}

const streamSeconds = 5;
/** Time for `orch why` to have armed all, and for its probe to be waited for until the stream has ended. */
const armSeconds = 5;
const probeSeconds = armSeconds + streamSeconds + 4;

const far = { netns: 'far', network: '10.91.9.0/24', router: '10.91.9.1', address: '10.91.9.2' };

const setUp = {
  vm02: `set -e
    ip netns add ${far.netns}
    ip link add far0 type veth peer name far1 netns ${far.netns}
    ip address add ${far.router}/24 dev far0; ip link set far0 up
    ip -n ${far.netns} address add ${far.address}/24 dev far1
    ip -n ${far.netns} link set lo up; ip -n ${far.netns} link set far1 up
    ip -n ${far.netns} route add default via ${far.router}
    echo 1 >/proc/sys/net/ipv4/ip_forward
    # So that the probe is waited for.
    ip netns exec ${far.netns} sh -c 'echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all'
    export LD_LIBRARY_PATH=/tmp/iperf
    ip netns exec ${far.netns} /tmp/iperf/iperf3 -s -D
    for try in $(seq 50); do
      ip netns exec ${far.netns} ss -Hltn | grep -q :5201 && exit
      sleep 0.2
    done
    exit 1`,
  vm01: `ip route replace ${far.network} via 172.16.91.14`,
};

/** Streams from vm01 through vm02 into a namespace of it, in turns. Needs iperf3 on this machine, as the hosts' release has it. */
export async function tracingFigures(hosts: BenchHosts, rounds: number): Promise<TracingFigures> {
  for (const host of ['vm01', 'vm02'] as const) {
    await bringIperf(hosts, host);
    await run([...hosts.ssh(host, false), 'sh', '-s'], { ...hosts, stdin: setUp[host] });
  }
  const plain: number[] = [];
  const watched: number[] = [];
  let level = 'none';
  for (let round = 0; round <= rounds; round += 1) {
    const bare = await stream(hosts);
    const why = [...orch, 'why', 'vm01', far.address, '-i', hosts.inventory, '-o', 'json'];
    const watching = run([...why, '--probe-timeout', String(probeSeconds)], { ...hosts, exit: 3 });
    await sleep(armSeconds * 1000);
    const traced = await stream(hosts);
    level = levelOf((await watching).stdout);
    // The first round brings the agent and fills caches.
    if (round > 0) {
      plain.push(bare);
      watched.push(traced);
    }
  }
  const lossPercent = 100 * (1 - timing(watched).medianMs / timing(plain).medianMs);
  return { level, plain, watched, lossPercent };
}

function levelOf(report: string): string {
  const { watched } = JSON.parse(report) as { watched: readonly { host: string; level: string }[] };
  return watched.find(({ host }) => host === 'vm02')?.level ?? 'none';
}

/** The program and its own libraries, as this machine has them; all others are sshd's, too. */
async function bringIperf(hosts: BenchHosts, host: string): Promise<void> {
  const program = execFileSync('which', ['iperf3'], { encoding: 'utf8' }).trim();
  const libraries = execFileSync('ldd', [program], { encoding: 'utf8' });
  const own = [...libraries.matchAll(/ => (\S+\/lib(?:iperf|sctp)\.so\S*) /g)].map(([, path = '']) => path);
  const files = [program, ...own];
  const archive = execFileSync('tar', ['-chPf', '-', '--transform', 's,.*/,,', ...files], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const unpack = 'mkdir -p /tmp/iperf && base64 -d | tar -xf - -C /tmp/iperf';
  await run([...hosts.ssh(host, false), unpack], { ...hosts, stdin: archive.toString('base64') });
}

/** Mbit/s of one stream. */
async function stream(hosts: BenchHosts): Promise<number> {
  const client = `LD_LIBRARY_PATH=/tmp/iperf /tmp/iperf/iperf3 -J -c ${far.address} -t ${streamSeconds}`;
  const { stdout } = await run([...hosts.ssh('vm01', false), client], hosts);
  const { end } = JSON.parse(stdout) as { end: { sum_received: { bits_per_second: number } } };
  return end.sum_received.bits_per_second / 1e6;
}
