import type { Host } from '../../../linux/host.ts';
import { readRows, requireLink, requireNetns } from '../place.ts';
import { lockedMetrics } from './metrics.ts';
import { type Route, routeOf } from './route.ts';

/** Routes of one table that a query shows. */
export async function readRoutes(
  host: Host,
  netns: string | undefined,
  query: { readonly family: 4 | 6; readonly table: string; readonly args: readonly string[] },
): Promise<readonly Route[]> {
  const rows = await readRows(host, netns, query.args);
  const locked = rows.some((row) => 'metrics' in row) ? await readLocked(host, netns, query.args) : [];
  return rows.map((row, at) => routeOf(row, query.family, query.table, locked[at]));
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
