import type { Direction, Evidence, PlaceName } from './evidence.ts';
import type { Link } from './evidence-link.ts';
import { departures, isV6, placeOf, sysctlOf } from './facts.ts';
import { Segments } from './segment.ts';

/** A bridge whose frames go through the rules of IP, and the stage of the way that it is part of. */
export interface FilteringBridge {
  readonly bridge: Link;
  readonly stage: number;
  /** The setting that does it. */
  readonly setting: string;
  readonly isOwn: boolean;
}

/**
 * The bridge of a namespace that passes the packet on without routing it and has IP's rules look at it: br_netfilter, by
 * net.bridge.bridge-nf-call-iptables or the bridge's own nf_call_iptables (Documentation/networking/ip-sysctl.rst).
 */
export function filteringBridge(
  evidence: Evidence,
  name: PlaceName,
  direction: Direction,
): FilteringBridge | undefined {
  const { stages, question } = evidence;
  const routed = stages.some(
    (stage) => stage.host === name.host && stage.netns === name.netns && stage.direction === direction,
  );
  const place = placeOf(evidence, name);
  if (place === undefined || routed) return undefined;
  const v6 = isV6(question.to);
  const key = `net.bridge.bridge-nf-call-ip${v6 ? '6' : ''}tables`;
  const segments = new Segments(evidence.places);
  for (const { index, stage, dev } of departures(evidence)) {
    if (stage.direction !== direction) continue;
    const port = { host: stage.host, netns: stage.netns, dev };
    const bridge = place.links.find(
      (link) => link.kind === 'bridge' && segments.hear(port, { host: place.host, netns: place.netns, dev: link.name }),
    );
    if (bridge === undefined) continue;
    const isOwn = (v6 ? bridge.bridge?.callsIp6tables : bridge.bridge?.callsIptables) === true;
    if (!isOwn && sysctlOf(place, key) !== 1) continue;
    return { bridge, stage: index, isOwn, setting: isOwn ? `nf_call_ip${v6 ? '6' : ''}tables` : key };
  }
  return undefined;
}
