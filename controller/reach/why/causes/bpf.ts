import type { WayEvent } from '../evidence.ts';
import { dropsOf, placeText } from '../facts.ts';
import { defineCause, type Finding } from './cause.ts';

/**
 * Drop reasons of programs that somebody loaded into the kernel, and where to find them (include/net/dropreason-core.h). Not
 * SOCKET_FILTER: another ping's socket drops its copy of each reply for that.
 */
const programs: Readonly<Record<string, { readonly what: string; readonly list: string }>> = {
  BPF_CGROUP_EGRESS: { what: 'A BPF program of a cgroup', list: 'bpftool cgroup tree' },
  XDP: { what: 'An XDP program of the device', list: 'ip link show' },
};

export const cause = defineCause({
  name: 'bpf',
  summary: 'A BPF program drops the packet: of a cgroup, or XDP of a device.',
  find: (evidence) =>
    dropsOf(evidence).flatMap((drop: WayEvent): readonly Finding[] => {
      const program = programs[drop.reason];
      if (program === undefined) return [];
      const { host, netns = '', dev, direction, reason, location } = drop;
      const at = evidence.stages.findIndex(
        (stage) => stage.host === host && stage.netns === netns && stage.direction === direction,
      );
      return [
        {
          stage: at < 0 ? Math.max(0, evidence.stages.length - 1) : at,
          confidence: 'likely',
          host,
          netns,
          device: dev === '' ? undefined : dev,
          direction,
          sentence: `${program.what} drops the ${direction} in ${placeText({ host, netns })}${dev === '' ? '' : ` on ${dev}`}.`,
          proof: [`the kernel of ${host} dropped it: ${reason}${location && ` in ${location}`}`],
          beware: `No rule of nftables or iptables shows it. Look with: ${program.list}`,
        },
      ];
    }),
});
