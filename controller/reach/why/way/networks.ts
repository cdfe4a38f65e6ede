import { networkOf, parseIp } from '../../../../agent/modules/shared/ip-address.ts';
import { isLinkLocal, isV6 } from '../seen/facts.ts';
import { keyOf, type Node } from '../seen/node.ts';

/** A network, by a name that tells it from others. */
export interface Network {
  readonly name: string;
  /** Names of those that take it in, its own among them: of the prefix lengths that are in use. */
  readonly around: readonly string[];
  /** Several hosts have one address in it: there may be several networks of these numbers. */
  readonly isRepeated: boolean;
  /** One address, as of a line's end: it tells nothing of who else is on the line. */
  readonly isSingle: boolean;
}

/**
 * Networks that devices have addresses of, by their keys; each link has a link-local one of its own. `leadsOut`: whether others hear a
 * device. What has its addresses to itself on each host says nothing of wires: lo, a bridge of containers.
 */
export function networksOf(
  nodes: readonly Node[],
  leadsOut: (node: Node) => boolean,
): ReadonlyMap<string, readonly Network[]> {
  const held = nodes.flatMap(({ place, link }) =>
    place.addresses
      .filter(({ dev, address }) => dev === link.name && !isLinkLocal(address))
      .map(({ address, prefix }) => ({ address, prefix, place, link })),
  );
  const lengths = [...new Set(held.map(({ prefix }) => prefix))].sort((one, other) => other - one);
  const namesOf = (address: string, prefix: number): readonly string[] => {
    const family = parseIp(address)?.family;
    if (family === undefined) return [];
    const shorter = lengths.filter((length) => length <= prefix);
    return shorter.map((length) => `${networkOf({ family, address, prefix: length }).address}/${length}`);
  };
  const first = new Map<string, string>();
  const repeated = new Set<string>();
  for (const { address, place, link } of held) {
    if (!leadsOut({ place, link })) continue;
    const known = first.get(address) ?? place.host;
    first.set(address, known);
    if (known !== place.host) for (const name of namesOf(address, isV6(address) ? 128 : 32)) repeated.add(name);
  }
  const networks = new Map<string, Network[]>();
  for (const { address, prefix, ...node } of held) {
    const around = namesOf(address, prefix);
    const [name] = around;
    if (name === undefined) continue;
    const known = networks.get(keyOf(node)) ?? [];
    networks.set(keyOf(node), [
      ...known,
      { name, around, isRepeated: repeated.has(name), isSingle: prefix === (isV6(address) ? 128 : 32) },
    ]);
  }
  return networks;
}

/** Whether one of some networks is, or is part of, one of others. */
export class Overlaps {
  private readonly held: readonly string[];
  private readonly around: ReadonlySet<string>;

  constructor(networks: readonly Network[]) {
    this.held = networks.map(({ name }) => name);
    this.around = new Set(networks.flatMap(({ around }) => around));
  }

  with({ held, around }: Overlaps): boolean {
    return this.held.some((name) => around.has(name)) || held.some((name) => this.around.has(name));
  }
}
