import { execFileSync } from 'node:child_process';
import { type BenchHosts, orch } from './hosts.ts';
import { run, type Timing, timing } from './measure.ts';

/**
 * What a TCP stream through a host gets while nothing is watched there, and while `orch why` has its packets watched: by the clock
 * of a host that counts its instructions, so this is what the kernel and the programs in it carry out for a packet.
 */
export interface TracingFigures {
  /** How packets are watched on the host in the middle. */
  readonly level: string;
  /** As iperf3 finds the devices: the kernel passes many packets on as one, which is cut when it leaves. */
  readonly together: StreamFigures;
  /** Each packet of 1,500 bytes by itself: what each costs. */
  readonly alone: StreamFigures;
}

export interface StreamFigures {
  /** Mbit/s, as the receiver counts them. */
  readonly plain: Timing['samplesMs'];
  readonly watched: Timing['samplesMs'];
  readonly lossPercent: number;
}

const streamSeconds = 5;
/** Time, by the host's clock, for `orch why` to have armed all, and for its probe to be waited for until the stream has ended. */
const armSeconds = 5;
const probeSeconds = armSeconds + streamSeconds + 10;

const [from, to] = ['10.91.8.2', '10.91.9.2'];

/** Two namespaces of vm02, which forwards between them. */
const setUp = `set -e
  near_far() {
    ip netns add $1
    ip link add $1 type veth peer name eth0 netns $1
    ip address add 10.91.$2.1/24 dev $1; ip link set $1 up
    ip -n $1 address add 10.91.$2.2/24 dev eth0
    ip -n $1 link set lo up; ip -n $1 link set eth0 up
    ip -n $1 route add default via 10.91.$2.1
  }
  near_far near 8
  near_far far 9
  echo 1 >/proc/sys/net/ipv4/ip_forward
  # So that the probe is waited for.
  ip netns exec far sh -c 'echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all'`;

const cutPackets = `for one in near far; do
    ethtool -K $one tso off gso off gro off >/dev/null
    ip netns exec $one ethtool -K eth0 tso off gso off gro off >/dev/null
  done`;

/** Streams through vm02, in turns. Needs iperf3 on this machine. */
export async function tracingFigures(hosts: BenchHosts, rounds: number): Promise<TracingFigures> {
  await bringIperf(hosts);
  await run([...hosts.ssh('vm02', false), 'sh', '-s'], { ...hosts, stdin: setUp });
  const together = await streamFigures(hosts, rounds);
  await run([...hosts.ssh('vm02', false), 'sh', '-s'], { ...hosts, stdin: cutPackets });
  const alone = await streamFigures(hosts, rounds);
  return { level: together.level, together, alone };
}

async function streamFigures(hosts: BenchHosts, rounds: number): Promise<StreamFigures & { level: string }> {
  const plain: number[] = [];
  const watched: number[] = [];
  let level = 'none';
  for (let round = 0; round <= rounds; round += 1) {
    const bare = await stream(hosts);
    const why = [...orch, 'why', 'vm02/near', to, '-i', hosts.inventory, '-o', 'json'];
    const watching = run([...why, '--probe-timeout', String(probeSeconds)], { ...hosts, exit: 3 });
    await run([...hosts.ssh('vm02', false), 'sleep', String(armSeconds)], hosts);
    const traced = await stream(hosts);
    level = levelOf((await watching).stdout);
    // The first round brings the agent and fills caches.
    if (round > 0) {
      plain.push(bare);
      watched.push(traced);
    }
  }
  return { level, plain, watched, lossPercent: lossPercent(plain, watched) };
}

/** Of each round by itself: two streams after another differ less than the first of all streams from the last. */
function lossPercent(plain: readonly number[], watched: readonly number[]): number {
  return timing(plain.map((bare, round) => 100 * (1 - (watched[round] ?? Number.NaN) / bare))).medianMs;
}

function levelOf(report: string): string {
  const { watched } = JSON.parse(report) as { watched: readonly { host: string; level: string }[] };
  return watched.find(({ host }) => host === 'vm02')?.level ?? 'none';
}

/** The program with all its libraries and their loader, as this machine has them: the hosts' release may be another. */
async function bringIperf(hosts: BenchHosts): Promise<void> {
  const program = execFileSync('which', ['iperf3'], { encoding: 'utf8' }).trim();
  const libraries = execFileSync('ldd', [program], { encoding: 'utf8' });
  const files = [program, ...[...libraries.matchAll(/(\/\S+) \(/g)].map(([, path = '']) => path)];
  const archive = execFileSync('tar', ['-chPf', '-', '--transform', 's,.*/,,', ...files], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const unpack = 'mkdir -p /tmp/iperf && base64 -d | tar -xf - -C /tmp/iperf';
  await run([...hosts.ssh('vm02', false), unpack], { ...hosts, stdin: archive.toString('base64') });
}

/** Mbit/s of one stream: its server takes one, and ends. */
async function stream(hosts: BenchHosts): Promise<number> {
  // Until the server listens, the client is refused.
  const script = `cd /tmp/iperf; iperf="$(echo ./ld-*) --library-path . ./iperf3"
    ip netns exec far $iperf -s -1 >/dev/null &
    for try in $(seq 20); do
      told=$(ip netns exec near $iperf -J -B ${from} -c ${to} -t ${streamSeconds}) && { echo "$told"; wait; exit; }
      sleep 0.2
    done
    echo "$told"; exit 1`;
  const { stdout } = await run([...hosts.ssh('vm02', false), script], hosts);
  const { end } = JSON.parse(stdout) as { end: { sum_received: { bits_per_second: number } } };
  return end.sum_received.bits_per_second / 1e6;
}
