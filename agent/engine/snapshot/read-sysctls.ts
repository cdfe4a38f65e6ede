import type { ActingHost } from '../../linux/acting-host.ts';
import { isVolatileSysctl } from './exclusions.ts';
import type { Items } from './state.ts';

const folder = '/proc/sys/';

/**
 * All of net.* as the namespace sees it. One grep reads a thousand files in a few milliseconds; -s passes over those that
 * can only be written. A value of several lines comes as several of grep's.
 */
export async function readSysctls(host: ActingHost, netns: string | undefined): Promise<Items> {
  const reply = await host.exec(
    { argv: ['grep', '-rs', '', `${folder}net`], netns },
    { timeoutMs: 15_000, onlyReads: true },
  );
  const values: Record<string, string> = {};
  for (const line of reply.stdout.split('\n')) {
    const colon = endOfPath(line);
    if (!line.startsWith(folder) || colon < 0) continue;
    const key = line.slice(folder.length, colon);
    if (isVolatileSysctl(key)) continue;
    const value = line
      .slice(colon + 1)
      .replaceAll('\t', ' ')
      .trim();
    values[key] = values[key] === undefined ? value : `${values[key]}\n${value}`;
  }
  return values;
}

/** A link's name may hold colons, the last part of a key does not. */
function endOfPath(line: string): number {
  const dev = /^\/proc\/sys\/net\/ipv[46]\/(?:conf|neigh)\/[^/]+\/[^/:]+/.exec(line);
  return line.indexOf(':', dev?.[0].length ?? 0);
}
