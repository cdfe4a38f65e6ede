import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { OrchError } from '../../proto/errors.ts';
import { answeredSudo } from './answered-sudo.ts';
import { makeConnector } from './connector.ts';
import { type ShellPlace, shellCommand } from './shell-script.ts';
import { SshDialer } from './ssh/ssh-dialer.ts';
import type { Target } from './types.ts';

export interface TerminalSize {
  readonly rows: number;
  readonly cols: number;
}

/** A shell on a terminal of its own on the host. */
export interface RemoteShell {
  readonly input: Writable;
  readonly output: Readable;
  resize(size: TerminalSize): void;
  /** Exit code, 128 and the number for a signal. Rejects with OrchError 'connection-lost'. */
  readonly ended: Promise<number>;
  close(): void;
}

/** By SSH, whatever the agent is doing: only sshd gives terminals. Throws OrchErrors of the group "Reaching a host". */
export async function openShell(
  target: Target,
  place: ShellPlace,
  terminal: TerminalSize & { readonly term: string },
  signal: AbortSignal,
): Promise<RemoteShell> {
  const { session } = await new SshDialer(makeConnector().limiter).open(target, signal);
  const { becomePassword } = target;
  const pty = { ...terminal, width: 0, height: 0 };
  try {
    const channel = await session.execOnTerminal(shellCommand(place, becomePassword !== undefined), pty);
    let status: number | undefined;
    channel.on('exit', (code: number | null, name?: NodeJS.Signals) => {
      status = code ?? 128 + (name === undefined ? 0 : (constants.signals[name] ?? 0));
    });
    const ended = new Promise<number>((resolve, reject) => {
      channel.once('close', () => (status === undefined ? reject(lost(target)) : resolve(status)));
    });
    ended.catch(() => undefined);
    return {
      input: channel,
      output: becomePassword === undefined ? channel : answeredSudo(channel, becomePassword),
      ended,
      resize: ({ rows, cols }) => channel.setWindow(rows, cols, 0, 0),
      close: () => session.close(),
    };
  } catch (error) {
    session.close();
    throw error;
  }
}

/** On this machine the terminal at hand is the shell's. */
export function localShell(place: ShellPlace): Promise<number> {
  const child = spawn('sh', ['-c', shellCommand(place, false)], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, name) => resolve(name === null ? (code ?? 0) : 128 + constants.signals[name]));
  });
}

function lost(target: Target): OrchError {
  return new OrchError({
    code: 'connection-lost',
    summary: 'The SSH connection broke; what ran in the shell has lost its terminal.',
    hint: 'Is the host up? A change of its own way out cuts the shell off, too.',
    where: { host: target.name },
  });
}
