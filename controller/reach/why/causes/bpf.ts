import type { Evidence, WayEvent } from '../seen/evidence.ts';
import { dropsOf, neighbourState, placeOf, placeText, wasTraced } from '../seen/facts.ts';
import { type Crossing, crossings } from '../way/crossings.ts';
import { defineCause, type Finding, foundAt } from './cause.ts';

/**
 * A program of a cgroup, by the kernel's reason (include/net/dropreason-core.h). Not SOCKET_FILTER: another ping's socket drops
 * its copy of each reply for that.
 */
function byCgroup(evidence: Evidence): readonly Finding[] {
  return dropsOf(evidence)
    .filter(({ reason }) => reason === 'BPF_CGROUP_EGRESS')
    .map(({ host, netns = '', dev, direction, reason, location }): Finding => {
      const at = evidence.stages.findIndex(
        (stage) => stage.host === host && stage.netns === netns && stage.direction === direction,
      );
      return {
        stage: at < 0 ? Math.max(0, evidence.stages.length - 1) : at,
        confidence: 'likely',
        host,
        netns,
        device: dev === '' ? undefined : dev,
        direction,
        sentence: `A BPF program of a cgroup drops the ${direction} in ${placeText({ host, netns })}${dev === '' ? '' : ` on ${dev}`}.`,
        proof: [`the kernel of ${host} dropped it: ${reason}${location && ` in ${location}`}`],
        beware: beware('bpftool cgroup tree'),
      };
    });
}

const beware = (look: string) => `No rule of nftables or iptables shows it. Look with: ${look}`;

/** A device's own driver has no reason for it (veth_xdp_rcv_skb), XDP for all devices has (do_xdp_generic). */
function isOfXdp({ kind, reason, location }: WayEvent): boolean {
  return kind === 'drop' && (reason === 'XDP' || /(^|_)xdp_/.test(location));
}

/**
 * A program of a device that packets come in by. It sees them before all that looks on, and some drivers let go of what it
 * drops without a word: then nothing is seen of a packet that was sent.
 */
function byXdp(evidence: Evidence): readonly Finding[] {
  return crossings(evidence)
    .filter(({ goes, link }) => goes === 'in' && link.xdp)
    .flatMap((crossing): readonly Finding[] => {
      const { place, link, index, stage } = crossing;
      const seen = seenOn(evidence, crossing);
      const drop = seen.find(isOfXdp);
      const { dev = '', gateway = stage.to } = stage.lookup;
      const unanswered = neighbourState(placeOf(evidence, stage), dev, gateway) === 'silent';
      const vanished = seen.length === 0 && (unanswered || wasTraced(evidence, place.host));
      if (drop === undefined && !vanished) return [];
      const silence = unanswered
        ? `ip neighbour show ${gateway} dev ${dev} in ${placeText(stage)}: no MAC (INCOMPLETE or FAILED)`
        : `the kernel of ${place.host} saw nothing come in on ${link.name}`;
      const what = drop?.asks === true || seen.length === 0 ? 'what comes in' : `the ${stage.direction}`;
      return [
        {
          ...foundAt({ index, stage, place, dev: link.name }, drop === undefined ? 'likely' : 'certain'),
          sentence: `An XDP program of ${link.name} in ${placeText(place)} drops ${what}.`,
          proof: [
            drop !== undefined
              ? `the kernel of ${place.host} dropped ${drop.asks ? 'the question for its MAC' : 'it'} on ${link.name}: ${drop.reason} in ${drop.location}`
              : silence,
            `ip -d link show ${link.name} in ${placeText(place)}: an XDP program is attached`,
          ],
          beware: beware(`ip -d link show dev ${link.name}`),
        },
      ];
    });
}

/** What was seen of the probe, or of the question for the device's MAC, as it came in. */
function seenOn({ events }: Evidence, { place, link, stage }: Crossing): readonly WayEvent[] {
  return events.filter(
    ({ host, netns, dev, direction, kind }) =>
      host === place.host &&
      netns === place.netns &&
      dev === link.name &&
      direction === stage.direction &&
      ['receive', 'drop', 'deliver', 'forward'].includes(kind),
  );
}

export const cause = defineCause({
  name: 'bpf',
  summary: 'A BPF program drops the packet: of a cgroup, or XDP of a device.',
  find: (evidence) => [...byCgroup(evidence), ...byXdp(evidence)],
});
