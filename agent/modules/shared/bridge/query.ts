import { OrchError } from '../../../../proto/errors.ts';
import type { Host } from '../../../linux/host.ts';
import type { Row } from '../rows.ts';

/** Rows of `bridge -j ARGS`, none where the kernel has no such table; undefined when the device or namespace is not there. */
export async function bridgeRows(
  host: Pick<Host, 'exec'>,
  netns: string | undefined,
  args: readonly string[],
): Promise<readonly Row[] | undefined> {
  const argv = ['bridge', ...(netns === undefined ? [] : ['-n', netns]), '-j', ...args];
  const { status, stdout, stderr } = await host.exec({ argv }, { onlyReads: true, timeoutMs: 15_000 });
  if (status === 0) return rowsOf(argv, stdout);
  // Before 6.4 nothing in the kernel answers for entries of groups until it has had a bridge.
  if (/^RTNETLINK answers: Operation not supported/m.test(stderr)) return [];
  if (/^Cannot (find device|open network namespace)/m.test(stderr)) return undefined;
  throw new OrchError({
    code: 'command-failed',
    summary: `${argv.join(' ')} failed: ${stderr.trim().split('\n')[0] || `status ${status}`}`,
  });
}

/** The rows that `bridge -j` has answered. */
export function rowsOf(argv: readonly string[], stdout: string): readonly Row[] {
  try {
    const rows: unknown = stdout.trim() === '' ? [] : JSON.parse(stdout);
    if (Array.isArray(rows)) return rows.filter((row) => typeof row === 'object' && row !== null);
  } catch {
    // Said below.
  }
  throw new OrchError({
    code: 'command-failed',
    summary: `${argv.join(' ')} answered something that is not JSON.`,
    detail: stdout.slice(0, 500),
  });
}
