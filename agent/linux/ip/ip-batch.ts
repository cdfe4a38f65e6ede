import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { OrchError } from '../../../proto/errors.ts';
import { type Answer, Coprocess } from './coprocess.ts';
import { type IpOutput, noIproute } from './ip-reply.ts';
import { netnsPath } from './names.ts';

/** `ip` has no object of this name, so asking for it marks the end of the answer before it. */
const sentinel = 'orch-end';

/** Input and output of each of a litter: POSIX sh knows descriptors of one digit. */
const litter = [
  [3, 4],
  [5, 6],
  [7, 8],
] as const;

const closed = litter
  .flat()
  .map((each) => `${each}>&-`)
  .join(' ');

/** Each of a litter waits for the namespace and family, a line each, and becomes ip there. */
const becomeIps = `
one() {
  exec <&"$1" >&"$2" 2>&1 ${closed}
  IFS= read -r netns && IFS= read -r family || exit
  set -- -j -d -force -batch -
  [ -z "$netns" ] || set -- -n "$netns" "$@"
  [ -z "$family" ] || set -- "$family" "$@"
  exec ip "$@"
}
${litter.map(([input, output]) => `one ${input} ${output} &`).join('\n')}
exec ${closed}
wait
`;

/**
 * Some ips whose namespaces are not decided yet: they have seen nothing, and keep no namespace alive. A small shell starts
 * all of them, because for a process of the agent's size to start one costs more than all that one is asked.
 */
export function ipsToBe(): Coprocess[] {
  const child = spawn('sh', ['-c', becomeIps], {
    stdio: ['ignore', 'ignore', 'ignore', ...litter.flat().map(() => 'pipe' as const)],
    cwd: '/',
  }).on('error', () => undefined);
  const stdio: readonly unknown[] = child.stdio;
  return litter.map(([input, output]) => Coprocess.at(stdio[input] as Socket, stdio[output] as Socket));
}

/**
 * `ip -j -d -force -batch -` kept open in one namespace: a query costs 0.06 ms instead of the 4 ms of a new process.
 *
 * Each command is followed by the sentinel, which ip refuses with two lines on standard error:
 * `Object "orch-end" is unknown, try "ip help".` and `Command failed -:LINE`. Standard error is merged into standard
 * output by the shell that becomes ip (its text is constant), and ip flushes its output
 * before it takes the next line, so everything up to the sentinel's own line number belongs to the command.
 */
export class IpBatch {
  private readonly process: Coprocess;
  private line = 0;
  private heardNames = false;

  /** `family`: '-4' or '-6', which ip takes only on its own command line. `toBe` becomes this ip. */
  constructor(netns: string | undefined, family: string | undefined, toBe: Coprocess) {
    if (netns !== undefined) netnsPath(netns);
    this.process = toBe;
    this.process.tell(`${netns ?? ''}\n${family ?? ''}\n`);
  }

  get alive(): boolean {
    return this.process.alive;
  }

  /** True once it may remember names of links: what it was asked was not only about namespaces. */
  get knowsLinks(): boolean {
    return this.heardNames;
  }

  /** Runs one line made by batchLine(). Undefined: the process had ended before it saw the line; ask a new one. */
  async run(line: string): Promise<IpOutput | undefined> {
    this.heardNames ||= !line.startsWith('netns ');
    const commandLine = this.line + 1;
    const { text, end } = await this.ask(line);
    switch (end) {
      case 'unread':
        return undefined;
      case 'died':
        // ip ends itself over a wrong argument (invarg() in lib/utils.c) and says why.
        if (text === '') throw new OrchError({ code: 'command-failed', summary: `ip ended during: ip ${line.trim()}` });
        return { text, failed: true };
      case 'answered':
        return { text, failed: text.includes(`Command failed -:${commandLine}\n`) };
    }
  }

  /** What a line makes it say, where it may end itself after that. Undefined as above. */
  async runLast(line: string): Promise<string | undefined> {
    const { text, end } = await this.ask(line);
    return end === 'unread' ? undefined : text;
  }

  private async ask(line: string): Promise<Answer> {
    this.line += 2;
    const marker = `Object "${sentinel}" is unknown, try "ip help".\nCommand failed -:${this.line}\n`;
    // Long answers come in many pieces: none is looked through twice.
    let from = 0;
    const { text, end } = await this.process.ask(`ip ${line.trim()}`, `${line}${sentinel}\n`, (output) => {
      const at = output.indexOf(marker, from);
      from = Math.max(0, output.length - marker.length);
      return at < 0 ? undefined : at + marker.length;
    });
    if (end === 'died' && /\bip: not found|exec: ip:/.test(text)) throw noIproute();
    return { text: end === 'answered' ? text.slice(0, -marker.length) : text, end };
  }

  close(): Promise<void> {
    return this.process.close();
  }
}
