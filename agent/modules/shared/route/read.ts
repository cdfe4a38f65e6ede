import type { Host } from '../../../linux/host.ts';
import { readRows, requireLink, requireNetns } from '../place.ts';
import { text } from '../rows.ts';
import { lockedMetrics } from './metrics.ts';
import { type Route, routeOf } from './route.ts';

/** Routes that a query shows. `table`: the one that it names, if any; else the rows say it. */
export async function readRoutes(
  host: Host,
  netns: string | undefined,
  query: { readonly family: 4 | 6; readonly table?: string; readonly args: readonly string[] },
): Promise<readonly Route[]> {
  const { family, table, args } = query;
  const rows = await readRows(host, netns, args);
  const locked = rows.some((row) => 'metrics' in row) ? await readLocked(host, netns, args) : [];
  return rows.map((row, at) => routeOf(row, family, table ?? text(row, 'table') ?? 'main', locked[at]));
}

/** The routes of all tables. */
export function readAllRoutes(host: Host, netns: string | undefined, family: 4 | 6): Promise<readonly Route[]> {
  return readRoutes(host, netns, { family, args: [`-${family}`, 'route', 'show', 'table', 'all'] });
}

/** Which metrics are locked: ip says so in text only. */
async function readLocked(host: Host, netns: string | undefined, args: readonly string[]) {
  const { status, stdout } = await host.exec({ argv: ['ip', ...args], netns }, { onlyReads: true });
  return status === 0 ? lockedMetrics(stdout) : [];
}

/** Throws 'missing-object' when what a new route builds on is neither there nor promised. Routes say which links are. */
export async function requireWays(
  host: Host,
  netns: string | undefined,
  route: Route,
  present: readonly Route[],
): Promise<void> {
  const linksOf = ({ ways }: Route) => ways.flatMap((way) => way.dev ?? []);
  const links = new Set(linksOf(route));
  for (const link of present.flatMap(linksOf)) links.delete(link);
  if (links.size === 0 && present.length === 0) await requireNetns(host, netns);
  for (const link of links) await requireLink(host, netns, link);
}
