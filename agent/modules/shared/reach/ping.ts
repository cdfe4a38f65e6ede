import type { Host } from '../../../linux/host.ts';
import { saysNoProgram } from './fping.ts';
import { type Answers, type ProbePlace, type ProbeSettings, periodMs, type ToolResult } from './types.ts';

const atOnce = 32;

/** ping(8) of iputils, one target; used where fping is missing. */
function pingArgv(settings: ProbeSettings, source: string | undefined, target: string): string[] {
  return [
    'ping',
    ...['-n', '-c', String(settings.count), '-i', String(periodMs / 1000), '-W', String(settings.timeoutMs / 1000)],
    ...(settings.size === undefined ? [] : ['-s', String(settings.size)]),
    ...(source === undefined ? [] : ['-I', source]),
    ...(settings.ident === undefined ? [] : ['-e', String(settings.ident)]),
    ...['--', target],
  ];
}

/** Answers from ping's lines; `ping: connect: Network is unreachable` means that nothing was sent. */
function parsePing(stdout: string, stderr: string): Answers {
  const rtts = [...stdout.matchAll(/^\d+ bytes from .* time=(\d+(?:\.\d+)?) ms/gm)].map(([, ms]) => Number(ms));
  const [, from, what] = /^From (\S+) icmp_seq=\d+ (.+)$/m.exec(stdout) ?? [];
  const [, words] = /^ping: (?:\w+: )?(.+)$/m.exec(stderr) ?? [];
  const message = what === undefined ? words : `ICMP ${what} from ${from}`;
  return { rtts, sent: / packets transmitted/.test(stdout), ...(message === undefined ? {} : { message }) };
}

/** Runs ping for each target, a bounded number of them at once. */
export async function runPing(
  host: Pick<Host, 'exec'>,
  place: ProbePlace,
  settings: ProbeSettings,
  signal: AbortSignal,
): Promise<ToolResult> {
  const { netns, source, targets } = place;
  const answers = new Map<string, Answers>();
  const queue = [...targets];
  const timeoutMs = settings.count * 1000 + settings.timeoutMs + 10_000;
  let missing = false;
  const work = async (): Promise<void> => {
    for (let target = queue.shift(); target !== undefined && !missing; target = queue.shift()) {
      const { stdout, stderr } = await host.exec(
        { argv: pingArgv(settings, source, target), netns },
        { signal, timeoutMs },
      );
      if (/^exec of "ping" failed: No such file/m.test(stderr)) missing = true;
      else answers.set(target, parsePing(stdout, stderr));
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, work));
  } catch (error) {
    if (!saysNoProgram('ping', error)) throw error;
    missing = true;
  }
  return missing ? { missing } : { answers };
}
