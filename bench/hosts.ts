import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { run } from './measure.ts';

export const orch = [join(import.meta.dirname, '../dist/orch.js')];

export interface BenchHosts {
  readonly driver: 'netns' | 'qemu';
  readonly inventory: string;
  /** Command line of ssh(1) up to and with the destination. */
  readonly ssh: (host: string, multiplexed: boolean) => readonly string[];
  /** Environment and working folder of every contender: nothing of the user's own state is touched. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  down(): Promise<void>;
}

const cleanUp = { cleansUp: true };

interface TestbedInventory {
  readonly lab: { readonly hosts: Readonly<Record<string, { readonly ansible_port: number }>> };
}

/**
 * `counted`: the clock of each host counts the instructions that it carries out (QEMU's -icount, 4 ns each), so that what is timed
 * there is the same however busy this machine is.
 */
interface HostOptions {
  readonly release?: string | undefined;
  readonly counted?: boolean;
}

/** Works on a testbed of its own, under a temporary home; nothing of both is left, however the work ends. */
export async function withHosts<T>(
  driver: 'netns' | 'qemu',
  work: (hosts: BenchHosts) => Promise<T>,
  options: HostOptions = {},
): Promise<T> {
  const cwd = mkdtempSync(join(tmpdir(), 'orch-bench-'));
  try {
    const hosts = await bringUp(driver, options, cwd);
    try {
      return await work(hosts);
    } finally {
      await hosts.down();
    }
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** A folder for the PATH, in which QEMU is one that counts. */
function countingQemu(cwd: string): string {
  const folder = join(cwd, 'bin');
  const name = 'qemu-system-x86_64';
  const real = execFileSync('which', [name], { encoding: 'utf8' }).trim();
  const script = `#!/bin/sh
for argument do
  shift
  case $argument in
    tcg,*) set -- "$@" tcg,thread=single -icount shift=2,sleep=on ;;
    *) set -- "$@" "$argument" ;;
  esac
done
exec ${real} "$@"
`;
  mkdirSync(folder);
  writeFileSync(join(folder, name), script, { mode: 0o755 });
  return folder;
}

async function bringUp(
  driver: 'netns' | 'qemu',
  { release, counted = false }: HostOptions,
  cwd: string,
): Promise<BenchHosts> {
  const env = { XDG_STATE_HOME: join(cwd, 'state'), ANSIBLE_HOME: join(cwd, 'ansible'), NO_COLOR: '1' };
  const ofRelease = release === undefined ? [] : ['--release', release];
  const path = counted ? { PATH: `${countingQemu(cwd)}:${process.env.PATH}` } : {};
  await run([...orch, 'testbed', 'up', '--driver', driver, ...ofRelease], {
    env: { ...env, ...path },
    timeoutMs: 600_000,
  });
  const testbed = join(cwd, 'state/orch/testbed');
  const inventory = join(testbed, 'inventory.yml');
  const { lab }: TestbedInventory = parse(readFileSync(inventory, 'utf8'));
  const option = (name: string, value: string) => ['-o', `${name}=${value}`];
  const master = option('ControlPath', join(cwd, 'mux'));
  const ssh = (name: string, multiplexed: boolean) => [
    ...['ssh', '-F', 'none', '-i', join(testbed, 'client_key')],
    ...[...option('BatchMode', 'yes'), ...option('UserKnownHostsFile', join(testbed, 'known_hosts'))],
    ...(multiplexed ? [...master, ...option('ControlMaster', 'auto'), ...option('ControlPersist', '60')] : []),
    ...['-p', String(lab.hosts[name]?.ansible_port), 'root@127.0.0.1'],
  ];
  return {
    driver,
    inventory,
    ssh,
    env,
    cwd,
    down: async () => {
      // Without a master there is nothing to end.
      await run(['ssh', '-F', 'none', ...master, '-O', 'exit', 'root@127.0.0.1'], cleanUp).catch(() => undefined);
      await run([...orch, 'testbed', 'down'], { env, timeoutMs: 60_000, ...cleanUp });
    },
  };
}
