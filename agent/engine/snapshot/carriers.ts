import { number, type Row, text } from '../../modules/shared/rows.ts';
import type { Item } from './state.ts';

/** A link; "" is the host's own namespace. */
export interface LinkPlace {
  readonly netns: string;
  readonly dev: string;
}

interface Seen extends LinkPlace {
  readonly row: Row;
}

/**
 * The link, and those that have no carrier without it: its peer, what stands on it, and its master, each with those that have
 * theirs by it. `links`: rows of `ip -d link show`, by namespace. Pure.
 */
export function carriedBy(link: LinkPlace, links: Readonly<Record<string, readonly Item[]>>): readonly LinkPlace[] {
  const all = Object.entries(links).flatMap(([netns, rows]) =>
    rows.flatMap((row): Seen[] => (typeof row === 'string' ? [] : [{ netns, dev: text(row, 'ifname') ?? '', row }])),
  );
  const carried = all.filter(({ netns, dev }) => netns === link.netns && dev === link.dev);
  for (const lower of carried) carried.push(...all.filter((one) => !carried.includes(one) && isCarried(one, lower)));
  return carried.map(({ netns, dev }) => ({ netns, dev }));
}

function isCarried({ netns, dev, row }: Seen, lower: Seen): boolean {
  if (netns === lower.netns) return text(row, 'link') === lower.dev || text(lower.row, 'master') === dev;
  return 'link_netnsid' in row && number(row, 'link_index') === number(lower.row, 'ifindex');
}
