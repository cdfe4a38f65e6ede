import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseState, type TestbedState } from '../../controller/testbed/state.ts';

const program = join(import.meta.dirname, '../../dist/orch.js');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface OrchOptions {
  readonly input?: string;
  /** Sends SIGINT once what it says matches. */
  readonly cancel?: RegExp;
  /** The testbed's folder when it is not given. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A state directory of its own, so that tests meet neither each other nor the user's testbed. Images are shared. */
export interface OwnTestbed {
  readonly folder: string;
  /** Runs the built orch to its end. */
  orch(args: readonly string[], options?: OrchOptions): Promise<Ended>;
  /** A shell command on a host. */
  on(host: string, command: string, input?: string): Promise<Ended>;
  state(): TestbedState;
  /** Processes and mounts that are there because of it. */
  remains(): readonly string[];
  /** Takes it down, whatever state it is in. */
  end(): Promise<void>;
}

function processesOf(folder: string): string[] {
  const found: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      if (command.includes(folder) || readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)) found.push(command);
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}

export function ownTestbed(): OwnTestbed {
  const folder = mkdtempSync(join(tmpdir(), 'orch-testbed-'));
  const stateFile = join(folder, 'orch/testbed/state.json');

  const orch: OwnTestbed['orch'] = (args, { input = '', cancel, cwd = folder, env } = {}) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [program, ...args], {
        env: { ...process.env, XDG_STATE_HOME: folder, ...env },
        cwd,
      });
      const said = { stdout: '', stderr: '' };
      const hear = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
        const matched = cancel?.test(said[stream]);
        said[stream] += chunk.toString();
        if (!matched && cancel?.test(said[stream])) child.kill('SIGINT');
      };
      child.stdout.on('data', hear('stdout'));
      child.stderr.on('data', hear('stderr'));
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, ...said }));
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
    });

  return {
    folder,
    orch,
    on: (host, command, input = '') => orch(['testbed', 'ssh', host, '--', command], { input }),
    state: () => parseState(readFileSync(stateFile, 'utf8')),
    remains: () => [
      ...processesOf(folder),
      ...readFileSync('/proc/self/mountinfo', 'utf8')
        .split('\n')
        .filter((line) => line.includes(folder)),
    ],
    async end() {
      await orch(['testbed', 'down']);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
