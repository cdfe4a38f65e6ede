import type { Direction, Evidence, NftTrace, PlaceName } from '../seen/evidence.ts';
import type { Link } from '../seen/evidence-link.ts';
import { departures, isAt, isV6, placeOf, sysctlOf } from '../seen/facts.ts';
import { Segments } from './segment.ts';

/** A bridge whose frames go through the rules of IP, and the stage of the way that it is part of. */
export interface FilteringBridge {
  readonly bridge: Link;
  readonly stage: number;
  /** The setting that does it. */
  readonly setting: string;
  readonly isOwn: boolean;
}

/** The bridge of a namespace that passes the packet on without routing it. */
export function bridgeOnWay(
  evidence: Evidence,
  name: PlaceName,
  direction: Direction,
): { readonly bridge: Link; readonly stage: number } | undefined {
  const place = placeOf(evidence, name);
  const routed = evidence.stages.some((stage) => isAt(stage, name) && stage.direction === direction);
  if (place === undefined || routed) return undefined;
  const segments = new Segments(evidence.places);
  for (const { index, stage, dev } of departures(evidence)) {
    if (stage.direction !== direction) continue;
    const bridge = place.links.find(
      (link) => link.kind === 'bridge' && segments.hear({ ...stage, dev }, { ...place, dev: link.name }),
    );
    if (bridge !== undefined) return { bridge, stage: index };
  }
  return undefined;
}

/**
 * The one that has IP's rules look at it: br_netfilter, by net.bridge.bridge-nf-call-iptables or the bridge's own
 * nf_call_iptables (Documentation/networking/ip-sysctl.rst).
 */
export function filteringBridge(
  evidence: Evidence,
  line: Pick<NftTrace, 'host' | 'netns' | 'family'>,
  direction: Direction,
): FilteringBridge | undefined {
  const found = line.family === 'bridge' ? undefined : bridgeOnWay(evidence, line, direction);
  if (found === undefined) return undefined;
  const v6 = isV6(evidence.question.to);
  const key = `net.bridge.bridge-nf-call-ip${v6 ? '6' : ''}tables`;
  const { bridge } = found.bridge;
  const isOwn = (v6 ? bridge?.callsIp6tables : bridge?.callsIptables) === true;
  if (!isOwn && sysctlOf(placeOf(evidence, line), key) !== 1) return undefined;
  return { ...found, isOwn, setting: isOwn ? `nf_call_ip${v6 ? '6' : ''}tables` : key };
}
