import { kindOf } from '../../modules/shared/link/state.ts';
import { number, object, type Row, text } from '../../modules/shared/rows.ts';
import type { Item } from './state.ts';

/** A link; "" is the host's own namespace. */
export interface LinkPlace {
  readonly netns: string;
  readonly dev: string;
}

interface Seen extends LinkPlace {
  readonly row: Row;
}

type Links = Readonly<Record<string, readonly Item[]>>;

/**
 * The link, and those that have no carrier without it: its peer, what stands on it, and its master, each with those that have
 * theirs by it. `links`: rows of `ip -d link show`, by namespace. Pure.
 */
export function carriedBy(link: LinkPlace, links: Links): readonly LinkPlace[] {
  const isMaster = (one: Seen, lower: Seen) => one.netns === lower.netns && text(lower.row, 'master') === one.dev;
  const isLink = ({ netns, dev }: Seen) => netns === link.netns && dev === link.dev;
  return reached(links, isLink, (one, lower) => isOn(one, lower) || isMaster(one, lower));
}

/**
 * Links that the kernel takes down along with this one: VLANs on it, and on these (vlan_device_event() in net/8021q/vlan.c), and
 * those of a VRF, which is gone then (cycle_netdev() in drivers/net/vrf.c). Pure.
 */
export function downWith(link: LinkPlace, links: Links): readonly LinkPlace[] {
  const isLink = ({ netns, dev }: Seen) => netns === link.netns && dev === link.dev;
  const isOfVrf = ({ netns, row }: Seen, { dev, ...master }: Seen) =>
    netns === master.netns && text(row, 'master') === dev && text(object(row, 'linkinfo'), 'info_slave_kind') === 'vrf';
  const isVlan = (one: Seen, lower: Seen) => kindOf(one.row) === 'vlan' && isOn(one, lower);
  return reached(links, isLink, (one, from) => isVlan(one, from) || isOfVrf(one, from)).slice(1);
}

/** The links of other namespaces that go with a namespace: peers of its own, and what stands on either. Pure. */
export function goneWith(netns: string, links: Links): readonly LinkPlace[] {
  return reached(links, (one) => one.netns === netns, isOn).filter((place) => place.netns !== netns);
}

/** It is the other's peer, or stands on it. */
function isOn({ netns, row }: Seen, lower: Seen): boolean {
  if (netns === lower.netns) return text(row, 'link') === lower.dev;
  return 'link_netnsid' in row && number(row, 'link_index') === number(lower.row, 'ifindex');
}

function reached(
  links: Links,
  isFirst: (one: Seen) => boolean,
  goesOn: (one: Seen, from: Seen) => boolean,
): readonly LinkPlace[] {
  const all = Object.entries(links).flatMap(([netns, rows]) =>
    rows.flatMap((row): Seen[] => (typeof row === 'string' ? [] : [{ netns, dev: text(row, 'ifname') ?? '', row }])),
  );
  const found = all.filter(isFirst);
  for (const from of found) found.push(...all.filter((one) => !found.includes(one) && goesOn(one, from)));
  return found.map(({ netns, dev }) => ({ netns, dev }));
}
