import { OrchError } from '../../../../proto/errors.ts';
import type { Host } from '../../../linux/host.ts';
import { type Answers, type ProbePlace, type ProbeSettings, periodMs, type ToolResult } from './types.ts';

// Between packets to different targets; fping's default of 10 ms would make a hundred targets take a second.
const intervalMs = 1;

/** fping(8): as many requests to each target, all targets at once, addresses on standard input. */
function fpingArgv(settings: ProbeSettings, source: string | undefined): string[] {
  return [
    'fping',
    ...['-C', String(settings.count), '-p', String(periodMs), '-t', String(settings.timeoutMs)],
    ...['-i', String(intervalMs)],
    ...(settings.size === undefined ? [] : ['-b', String(settings.size)]),
    ...(source === undefined ? [] : ['-S', source]),
    ...['-f', '-'],
  ];
}

// "10.0.0.2 : [0], 64 bytes, 0.331 ms (...)" and "10.0.0.3 : [0], timed out (...)".
const reply = /^(\S+)\s+: \[\d+\], (?:\d+ bytes, (\d+(?:\.\d+)?) ms|timed out)/;
// "ICMP Host Unreachable from 10.0.0.1 for ICMP Echo sent to 10.0.0.3", on standard error.
const icmp = /ICMP (.+?) from (\S+) for ICMP Echo sent to (\S+)/;

/**
 * What fping 5 printed with -C and without -q: a line on standard output for each request that was answered or timed out.
 * A target without any such line is one that the kernel let no request out to; fping says nothing else about those.
 */
function parseFping(targets: readonly string[], stdout: string, stderr: string): ReadonlyMap<string, Answers> {
  const found = new Map(targets.map((target) => [target, { rtts: [] as number[], sent: false, message: '' }]));
  for (const line of stdout.split('\n')) {
    const [, address = '', ms] = reply.exec(line) ?? [];
    const answers = found.get(address);
    if (!answers) continue;
    answers.sent = true;
    if (ms !== undefined) answers.rtts.push(Number(ms));
  }
  for (const line of stderr.split('\n')) {
    const [, what = '', from = '', address = ''] = icmp.exec(line) ?? [];
    const answers = found.get(address);
    if (answers) answers.message = `ICMP ${what} from ${from}`;
  }
  return new Map(
    [...found].map(([address, { rtts, sent, message }]) => [
      address,
      { rtts, sent, ...(message === '' ? {} : { message }) },
    ]),
  );
}

/** True when an error or output says that the program itself is not there. */
export function saysNoProgram(name: string, error: unknown): boolean {
  return (
    error instanceof OrchError && error.code === 'command-failed' && error.summary.startsWith(`"${name}" could not`)
  );
}

/** Runs fping in a namespace. Its exit status is 0, 1 or 2 for answers, 3 and 4 for a run that did not happen. */
export async function runFping(
  host: Pick<Host, 'exec'>,
  place: ProbePlace,
  settings: ProbeSettings,
  signal: AbortSignal,
): Promise<ToolResult> {
  const { netns, source, targets } = place;
  const command = { argv: fpingArgv(settings, source), netns, stdin: `${targets.join('\n')}\n` };
  const timeoutMs = settings.count * (periodMs + targets.length * intervalMs) + settings.timeoutMs + 10_000;
  try {
    const { status, stdout, stderr } = await host.exec(command, { signal, timeoutMs });
    if (status !== null && status < 3) return { answers: parseFping(targets, stdout, stderr) };
    const words = stderr.trim().split('\n').at(-1) ?? '';
    // ip netns exec says it so, with status 255.
    if (/^exec of "fping" failed: No such file/.test(words)) return { missing: true };
    return {
      fault: status === null ? 'fping did not end in time' : words.replace(/^fping: /, '').replace(' : ', ': '),
    };
  } catch (error) {
    if (saysNoProgram('fping', error)) return { missing: true };
    throw error;
  }
}
