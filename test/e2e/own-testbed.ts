import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseState, type TestbedState } from '../../controller/testbed/state.ts';
import { interruptWhenStalled } from './progress.ts';

const built = join(import.meta.dirname, '../../dist/orch.js');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface OrchOptions {
  readonly input?: string;
  /** Sends the signal when what it says first matches, for each in turn. */
  readonly kill?: readonly RegExp[];
  /** SIGINT when it is not given. */
  readonly signal?: NodeJS.Signals;
  /** Another build of orch. */
  readonly program?: string;
  /** The testbed's folder when it is not given. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** An orch that runs. */
export interface Started {
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

/** A state directory of its own, so that tests meet neither each other nor the user's testbed. Images are shared. */
export interface OwnTestbed {
  readonly folder: string;
  /** Brings it up by a driver, which its options may follow. */
  up(...driver: readonly string[]): Promise<void>;
  /** Runs the built orch to its end; one that no longer goes on is interrupted. Rejects where a signal ended it unasked. */
  orch(args: readonly string[], options?: OrchOptions): Promise<Ended>;
  /** Starts the built orch; the test ends it. */
  start(args: readonly string[], options?: Pick<OrchOptions, 'cwd' | 'env'>): Started;
  /** A shell command on a host. */
  on(host: string, command: string, input?: string): Promise<Ended>;
  /** Starts a shell command on a host that answers each line with a line; the host's end is its end. */
  asking(host: string, command: string): (line: string) => Promise<string>;
  /** The process of a host's agent, in the host's own numbers. */
  agentPid(host: string): Promise<number>;
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

interface Ending {
  /** Given what either stream has said so far, until it returns false. */
  readonly hear?: (said: string) => boolean;
  /** Whether the test may end it by a signal. */
  readonly killed: boolean;
}

/** Resolves when the process has ended. */
function endOf(child: ChildProcessWithoutNullStreams, { hear = () => false, killed }: Ending): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  let listening = true;
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (chunk: Buffer) => {
      said[stream] += chunk.toString();
      if (listening) listening = hear(said[stream]);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (signal === null || killed) resolve({ code, ...said });
      else reject(new Error(`orch was ended by ${signal}; it had said: ${said.stdout}${said.stderr}`));
    });
  });
}

export function ownTestbed(): OwnTestbed {
  // What runs all tests takes down what is left there.
  const folder = mkdtempSync(join(process.env.ORCH_TEST_TESTBEDS ?? tmpdir(), 'orch-testbed-'));
  const stateFile = join(folder, 'orch/testbed/state.json');

  const spawnOrch = (args: readonly string[], { cwd = folder, env, program = built }: OrchOptions = {}) =>
    spawn(process.execPath, [program, ...args], { env: { ...process.env, XDG_STATE_HOME: folder, ...env }, cwd });

  const orch: OwnTestbed['orch'] = (args, options = {}) => {
    const child = spawnOrch(args, options);
    interruptWhenStalled(child, options.cwd ?? folder);
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    const awaited = [...(options.kill ?? [])];
    const hear = (said: string) => {
      if (awaited[0]?.test(said)) {
        awaited.shift();
        child.kill(options.signal ?? 'SIGINT');
      }
      return awaited.length > 0;
    };
    return endOf(child, { hear, killed: options.kill !== undefined });
  };

  const start: OwnTestbed['start'] = (args, options) => {
    const child = spawnOrch(args, options);
    child.stdin.end();
    return { kill: (signal) => child.kill(signal), ended: endOf(child, { killed: true }) };
  };

  const up: OwnTestbed['up'] = async (...driver) => {
    const { code, stdout, stderr } = await orch(['testbed', 'up', '--driver', ...driver]);
    if (code !== 0) throw new Error(`testbed up ended with ${code}: ${stdout}${stderr}`);
  };

  const on: OwnTestbed['on'] = (host, command, input = '') => orch(['testbed', 'ssh', host, '--', command], { input });

  const asking: OwnTestbed['asking'] = (host, command) => {
    const child = spawnOrch(['testbed', 'ssh', host, '--', command]);
    child.stdin.on('error', () => undefined);
    const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
    return async (line) => {
      child.stdin.write(`${line}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error(`${host}: ${command} has ended`);
      return value;
    };
  };

  return {
    folder,
    up,
    orch,
    start,
    on,
    asking,
    agentPid: async (host) => JSON.parse((await on(host, 'cat /run/orch/agent.json')).stdout).pid,
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
