import { parents } from './ip-words.ts';
import type { Params, Translated } from './translated.ts';

/** Kinds with two ends. */
const pairs = new Set(['veth', 'netkit']);
/** Kinds that say which namespace carries their packets. */
const carried = new Set(['vxlan', 'geneve', 'wireguard']);

/**
 * Tasks in the namespace that their command was run in. A link's other end, its parent and what carries its packets are there,
 * too; a module would look for them in the host's own.
 */
export function within(found: Translated, netns: string | undefined): Translated {
  if ('reason' in found || netns === undefined) return found;
  return { tasks: found.tasks.map(({ module, params }) => ({ module, params: placed(module, params, netns) })) };
}

function placed(module: string, params: Params, netns: string): Params {
  const place = {
    ...{ netns },
    ...(module === 'link' && params.from_name !== undefined ? { from_netns: netns } : {}),
    ...(pairs.has(module) ? { peer_netns: netns } : {}),
    ...(parents.has(module) ? { parent_netns: netns } : {}),
    ...(carried.has(module) ? { underlay_netns: netns } : {}),
  };
  // What is said counts, and stands first.
  return { ...params, ...place, ...params };
}
