import { OrchError } from '../../../proto/errors.ts';
import {
  type NetnsView,
  ProbeSent_Outcome as ProbeOutcome,
  ProbeProtocol,
  type ProbeSent,
  type SendProbe,
  TraceLevel,
  type Watching,
} from '../../../proto/gen/orch/v1/agent.ts';
import {
  type Asked,
  asker,
  type Expected,
  expectWay,
  questionOf,
  type Surveyed,
  type Watcher,
  withFresh,
} from './expect-way.ts';
import { readEvents } from './read/read-events.ts';
import { readView } from './read/read-view.ts';
import type { Evidence, Place, PlaceName } from './seen/evidence.ts';
import { departures, isAt } from './seen/facts.ts';
import { namespacesOf } from './way/namespaces.ts';
import { type Pair, translations } from './way/translations.ts';
import { walk } from './way/walk.ts';

/** What grows while the probe is under way. */
const counters = ['snmp', 'netstat', 'snmp6', 'xfrm_stat', 'tc'];
/** What a probe leaves as it is, so that it can be read while that is under way. */
const settings = ['route', 'nft_text', 'sysctl', 'sysctl_shared', 'bridge_vlan', 'xfrm_policy'];
const settingsOf = ({ v6 }: Asked) => [...settings, v6 ? 'rule6' : 'rule4'];
/** What a probe may change, and so is read behind it. */
const marks = ['link', ...counters, 'neighbour', 'bridge_fdb', 'wireguard'];
const marksOf = ({ protocol }: Asked) => (protocol === 'icmp' ? marks : [...marks, 'sockets']);

const protocols = { icmp: ProbeProtocol.ICMP, tcp: ProbeProtocol.TCP, udp: ProbeProtocol.UDP } as const;
const outcomes: Readonly<Record<ProbeOutcome, Evidence['probe']['outcome']>> = {
  [ProbeOutcome.UNSPECIFIED]: 'error',
  [ProbeOutcome.REPLIED]: 'replied',
  [ProbeOutcome.REFUSED]: 'refused',
  [ProbeOutcome.SILENT]: 'silent',
  [ProbeOutcome.UNREACHABLE]: 'unreachable',
  [ProbeOutcome.ERROR]: 'error',
};
const levels: Readonly<Record<TraceLevel, Evidence['observed'][number]['level']>> = {
  [TraceLevel.UNSPECIFIED]: 'none',
  [TraceLevel.NONE]: 'none',
  [TraceLevel.STATIC]: 'static',
  [TraceLevel.KPROBE]: 'kprobe',
  [TraceLevel.FPROBE]: 'fprobe',
  [TraceLevel.BPF]: 'bpf',
};

/** What the agent of its sender is asked to send. */
export function probeRequest({ from, source, protocol, port, size, timeoutMs }: Asked, to: string): SendProbe {
  return {
    ...{ netns: from.netns, from: source ?? '', to, protocol: protocols[protocol], port },
    ...{ size, count: 1, timeoutMs },
  };
}

/** Throws OrchError where its host does not look on. */
export function senderOf<T extends { readonly host: string }>({ from }: Asked, watchers: readonly T[]): T {
  const sender = watchers.find(({ host }) => host === from.host);
  if (sender !== undefined) return sender;
  throw new OrchError({ code: 'unknown-host', summary: `${from.host} does not look on.` });
}

/** Most probes that are sent: each may show what NAT makes of it one place further. */
const mostProbes = 3;

/**
 * Sends the probe once more while all hosts on its way look on, and reads what its failure can be judged by: the hosts'
 * state in that moment, their kernels' answers for each step of the way, and the packet's own traces. Where it goes on with
 * addresses that NAT gave it, and other rules are to be met, it is sent again, so that these tell of it, too.
 * Throws OrchError where FROM or TO is not there, or a host fails.
 */
export async function gather(asked: Asked, watchers: readonly Watcher[]): Promise<Evidence> {
  const expected = await expectWay(asked, watchers);
  const sender = senderOf(asked, watchers);
  let [way, translated]: [readonly PlaceName[], readonly Pair[]] = [expected.way, []];
  let known: Evidence | undefined;
  for (let probes = 1; ; probes += 1) {
    const evidence = await gatherOnce({ asked, watchers, expected, sender, way, translated });
    // One that ends otherwise went elsewhere, or by what the one before taught: that failure is what was asked for.
    if (known !== undefined && !endsAlike(known.probe, evidence.probe)) return known;
    const more = translations(evidence, translated);
    if (evidence.probe.outcome === 'replied' || more.length === 0 || probes === mostProbes) return evidence;
    way = namespacesOf(evidence.question, evidence.stages, evidence.places);
    translated = [...translated, ...more];
    known = evidence;
  }
}

function endsAlike(one: Evidence['probe'], other: Evidence['probe']): boolean {
  return one.outcome === other.outcome && one.text === other.text;
}

interface Pass {
  readonly asked: Asked;
  readonly watchers: readonly Watcher[];
  readonly expected: Expected;
  readonly sender: Watcher;
  readonly way: readonly PlaceName[];
  readonly translated: readonly Pair[];
}

async function gatherOnce({ asked, watchers, expected, sender, way, translated }: Pass): Promise<Evidence> {
  const { surveyed, places: before, to, source } = expected;
  const question = questionOf(asked, to);
  const onWay = surveyed
    .map(({ watcher, views }) => {
      const namespaces = way.filter(({ host }) => host === watcher.host).map(({ netns }) => netns);
      const look = (readings: readonly string[]) => watcher.look({ namespaces, readings: [...readings] });
      return { watcher, views, namespaces, look };
    })
    .filter(({ namespaces }) => namespaces.length > 0);
  const flow = {
    ...{ from: source, to, protocol: protocols[asked.protocol], port: asked.port, size: asked.size },
    nextHops: [...new Set(departures({ stages: [...expected.stages] }).map(({ nextHop }) => nextHop))],
  };
  const watching = await Promise.all(
    onWay.map(async (host) => {
      const given = translated.map((pair) => ({ ...flow, ...pair }));
      const watch = host.watcher.watch({ flow, nftNamespaces: host.namespaces, translated: given });
      const [armed, counted] = await Promise.all([arm(watch), host.look(counters)]);
      return { ...host, ...armed, counted };
    }),
  );
  // Clocks are asked again while the probe is under way: near to the events, and in none of the command's own time.
  const [sent, clocked] = await Promise.all([
    sender.sendProbe(probeRequest(asked, to)),
    Promise.all(
      watching.map(async (host) => {
        const clock = await host.watcher.clockOffset();
        return { ...host, clock, set: await host.look(settingsOf(asked)) };
      }),
    ),
  ]);
  const ended = await Promise.all(
    clocked.map(async (host) => {
      const collected = host.armed ? host.watcher.collect({ ident: sent.ident }) : { events: [], nft: [], lacking: [] };
      const [told, marked] = await Promise.all([collected, host.look(marksOf(asked))]);
      return { ...host, collected: told, marked };
    }),
  );
  const seen = readEvents(
    ended.map(({ watcher, views, collected, clock }) => ({
      host: watcher.host,
      collected,
      ...clock,
      netns: new Map(views.map(({ inode, netns }) => [inode, netns])),
    })),
    sent.from || source,
  );
  const fresh = ended.flatMap(({ watcher, views, counted, set, marked }) =>
    marked.map((view) => {
      const of = (views: readonly NetnsView[]) => views.find(({ netns }) => netns === view.netns);
      // The latest of each reading comes first.
      const readings = [view, of(set), of(views)].flatMap((one) => one?.readings ?? []);
      return readView(watcher.host, { ...view, readings }, of(counted));
    }),
  );
  // Of namespaces that are not on the way, what was seen first.
  const known = withFresh(before, fresh);
  const ask = asker(watchers, asked, sent.ident);
  const follow = (all: readonly Place[]) => walk(question, sent.from || source, { places: [...all], ...seen }, ask);
  const first = await follow(known);
  const beyond = namespacesOf(question, first, known).filter((one) => !way.some((other) => isAt(one, other)));
  // Rules of NAT have sent the packet where nobody looked on.
  const places = beyond.length === 0 ? known : withFresh(known, await lookBeyond(asked, surveyed, beyond));
  const stages = beyond.length === 0 ? first : await follow(places);
  return {
    version: 1,
    question,
    probe: probeOf(sent),
    observed: clocked.map(({ watcher, level, lacking, clock }) => ({
      host: watcher.host,
      level: levels[level],
      lacking,
      clockErrorUs: Math.round(clock.errorUs),
    })),
    places: [...places],
    stages: [...stages],
    ...seen,
  };
}

/** Places as they are once the probe is over. */
async function lookBeyond(asked: Asked, surveyed: readonly Surveyed[], names: readonly PlaceName[]) {
  const looked = surveyed.map(async ({ watcher, views }) => {
    const namespaces = names.filter(({ host }) => host === watcher.host).map(({ netns }) => netns);
    if (namespaces.length === 0) return [];
    const readings = [...settingsOf(asked), ...marksOf(asked)];
    return (await watcher.look({ namespaces, readings })).map((view) => {
      const early = views.find(({ netns }) => netns === view.netns)?.readings ?? [];
      return readView(watcher.host, { ...view, readings: [...view.readings, ...early] });
    });
  });
  return (await Promise.all(looked)).flat();
}

/** How a host watches; one that cannot says why, and the others go on. */
async function arm(watch: Promise<Watching>): Promise<Watching & { readonly armed: boolean }> {
  try {
    return { ...(await watch), armed: true };
  } catch (error) {
    if (!(error instanceof OrchError) || error.code === 'connection-lost' || error.code === 'interrupted') throw error;
    return { level: TraceLevel.NONE, lacking: [error.summary], armed: false };
  }
}

function probeOf({ outcome, text, from, rttMs }: ProbeSent): Evidence['probe'] {
  return { outcome: outcomes[outcome], text, from, rttMs: rttMs[0], packets: 1 };
}
