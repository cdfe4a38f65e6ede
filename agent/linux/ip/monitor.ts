import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { OrchError } from '../../../proto/errors.ts';
import { LiveProcess } from '../programs/live-process.ts';
import { cannotStart, hasProgram, type Program } from '../programs/program.ts';

/**
 * Constant text for sh; the monitor's words come as arguments. It runs until standard input ends, so that nothing is left
 * whatever becomes of this process.
 */
const script = '"$@" & monitor=$!; echo "$monitor"; cat >/dev/null; kill "$monitor"';

/** How long it may take to listen, and how often that is looked at, ms. */
const listenMs = 3000;
const lookMs = 10;
/** Longest line that is kept, characters. */
const longest = 4096;

/** Numbers of netlink families (linux/netlink.h). */
export const netlinkFamilies = { route: 0, netfilter: 12 } as const;

/** What a monitor is made of. */
export interface MonitorParts {
  readonly argv: readonly string[];
  readonly family: number;
  /** The program with its namespace. */
  readonly program: (argv: readonly string[]) => Promise<Program>;
  /** Text of /proc/net/netlink of the namespace. */
  readonly sockets: () => Promise<string | undefined>;
  readonly take: (line: string) => void;
}

/** A program that writes a line for each change that netlink tells it of. */
export class Monitor {
  private readonly process: LiveProcess;

  private constructor(process: LiveProcess) {
    this.process = process;
  }

  /** Resolves when no change is missed any more. Throws OrchError when it does not come to that. */
  static async start({ argv, family, program, sockets, take }: MonitorParts): Promise<Monitor> {
    const [name = ''] = argv;
    if (!hasProgram(name)) throw cannotStart(name, 'no such program');
    let pid: number | undefined;
    const lines = new Lines((line) => {
      if (pid === undefined) pid = Number(line);
      else take(line);
    });
    const started = LiveProcess.start(
      await program(['sh', '-c', script, 'orch-monitor', ...argv]),
      async (chunk, stderr) => {
        if (!stderr) lines.add(chunk);
      },
    );
    const monitor = new Monitor(started);
    const until = performance.now() + listenMs;
    while (performance.now() < until) {
      if (pid !== undefined && hears(pid, family, (await sockets()) ?? '')) return monitor;
      await sleep(lookMs);
    }
    await monitor.close();
    throw new OrchError({ code: 'command-failed', summary: `${argv.slice(0, 3).join(' ')} does not listen.` });
  }

  async close(): Promise<void> {
    this.process.end();
    await this.process.ended;
  }
}

/** True when one of the process's sockets of this family listens to a group. The last word of a line is its inode. */
function hears(pid: number, family: number, sockets: string): boolean {
  const own = new Set(socketsOf(pid));
  return sockets.split('\n').some((line) => {
    const [, of, , groups = '0', ...rest] = line.trim().split(/\s+/);
    return Number(of) === family && Number.parseInt(groups, 16) !== 0 && own.has(rest.at(-1) ?? '');
  });
}

function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap(
      (fd) => /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [],
    );
  } catch {
    // It has ended meanwhile.
    return [];
  }
}

/** Output in whole lines; what is longer than is kept is cut. */
class Lines {
  private rest = '';
  private readonly take: (line: string) => void;

  constructor(take: (line: string) => void) {
    this.take = take;
  }

  add(chunk: Buffer): void {
    const parts = (this.rest + chunk.toString()).split('\n');
    this.rest = (parts.pop() ?? '').slice(0, longest);
    for (const part of parts) this.take(part.slice(0, longest));
  }
}
