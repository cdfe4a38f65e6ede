import { OrchError } from '../../../proto/errors.ts';
import { compileRegex } from '../../../proto/regex.ts';
import type { Host } from '../../linux/host.ts';

/**
 * Connects once, and with a pattern reads up to 64 KiB until it matches. Exit 0: open, or matched and what it
 * read written out; else 1. Run by the
 * agent's own Node inside the namespace, because a module has no sockets and a namespace is a process's.
 */
const script = `
const [host, port, seconds, pattern, flags] = process.argv.slice(1);
const done = (status) => process.exit(status);
const socket = require('node:net').connect({ host, port: Number(port) });
setTimeout(() => done(1), Number(seconds) * 1000);
let text = '';
socket.on('connect', () => pattern || done(0));
socket.on('data', (chunk) => {
  text = (text + chunk.toString('latin1')).slice(0, 65536);
  if (new RegExp(pattern, flags).test(text)) process.stdout.write(text, () => done(0));
});
socket.on('error', () => done(1));
socket.on('close', () => done(1));
`;

export interface PortProbe {
  readonly host: string;
  readonly port: number;
  readonly seconds: number;
  readonly pattern?: string | undefined;
  readonly netns?: string | undefined;
}

/** Groups of a pattern, in order and by name; null for one that took no part. */
export interface PatternMatch {
  readonly groups: readonly (string | null)[];
  readonly named: Readonly<Record<string, string | null>>;
}

/** A pattern of Python's for bytes, whose `^` and `$` stand at lines, too. Throws RegexProblem. */
export function linePattern(pattern: string): RegExp {
  const { source, flags } = compileRegex(pattern, { ignoreCase: false, multiline: true, ascii: true });
  return new RegExp(source, flags.replace('g', ''));
}

export function matchOf(pattern: string, text: string): PatternMatch | undefined {
  const match = linePattern(pattern).exec(text);
  if (match === null) return undefined;
  const named = Object.entries(match.groups ?? {}).map(([name, value]) => [name, value ?? null]);
  return { groups: match.slice(1).map((group) => group ?? null), named: Object.fromEntries(named) };
}

/** What the pattern found when the TCP port takes a connection (and says what is asked for) within the seconds. */
export async function portAnswers(
  host: Host,
  probe: PortProbe,
  signal: AbortSignal,
): Promise<PatternMatch | undefined> {
  const { pattern = '' } = probe;
  const { source, flags } = pattern === '' ? { source: '', flags: '' } : linePattern(pattern);
  const args = [probe.host, String(probe.port), String(probe.seconds), source, flags];
  const argv = [process.execPath, '-e', script, '--', ...args];
  const done = await host.exec({ argv, netns: probe.netns }, { signal, timeoutMs: (probe.seconds + 5) * 1000 });
  if (done.status === 1) return undefined;
  if (done.status === 0) return pattern === '' ? { groups: [], named: {} } : matchOf(pattern, done.stdout);
  throw new OrchError({ code: 'command-failed', summary: 'The port could not be probed.', detail: done.stderr });
}
