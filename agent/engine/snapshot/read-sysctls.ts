import { OrchError } from '../../../proto/errors.ts';
import { inTurns } from '../steps/in-turns.ts';
import { isVolatileSysctl } from './exclusions.ts';
import type { Place } from './read-place.ts';
import type { Items } from './state.ts';

const folder = '/proc/sys/';
const deadlineMs = 60_000;

/**
 * All of net.*, or of these folders of it, as the namespace sees it. One grep reads a thousand files in a few milliseconds; -s passes over those that
 * can only be written. A value of several lines comes as several of grep's.
 */
export async function readSysctls(
  { host, netns }: Pick<Place, 'host' | 'netns'>,
  folders: readonly string[] = ['net'],
): Promise<Items> {
  const reply = await host.exec(
    { argv: ['grep', '-rs', '', ...folders.map((each) => `${folder}${each}`)], netns },
    { timeoutMs: deadlineMs, onlyReads: true },
  );
  // Half of them would look like a host that has lost the others.
  if (reply.timedOut) {
    throw new OrchError({
      code: 'command-failed',
      summary: `reading ${folder}net took more than ${deadlineMs / 1000} s`,
    });
  }
  const values: Record<string, string> = {};
  await inTurns(reply.stdout.split('\n'), (line) => {
    const colon = endOfPath(line);
    if (!line.startsWith(folder) || colon < 0) return;
    const key = line.slice(folder.length, colon);
    if (isVolatileSysctl(key)) return;
    const value = line
      .slice(colon + 1)
      .replaceAll('\t', ' ')
      .trim();
    values[key] = values[key] === undefined ? value : `${values[key]}\n${value}`;
  });
  return values;
}

/** A link's name may hold colons, the last part of a key does not. */
function endOfPath(line: string): number {
  const dev = /^\/proc\/sys\/net\/ipv[46]\/(?:conf|neigh)\/[^/]+\/[^/:]+/.exec(line);
  return line.indexOf(':', dev?.[0].length ?? 0);
}
