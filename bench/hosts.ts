import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { run } from './measure.ts';

const root = join(import.meta.dirname, '..');
export const orch = [process.execPath, join(root, 'dist/orch.js')];

export interface BenchHosts {
  readonly driver: 'netns' | 'qemu';
  readonly inventory: string;
  /** Arguments of ssh(1) up to and with the destination. */
  readonly ssh: (host: string, multiplexed: boolean) => readonly string[];
  /** Environment and working folder of every contender: nothing of the user's own state is touched. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  down(): Promise<void>;
}

interface HostVars {
  readonly ansible_host: string;
  readonly ansible_port: number;
  readonly ansible_ssh_private_key_file: string;
  readonly ansible_ssh_common_args: string;
}

function findHosts(node: unknown, found: Map<string, HostVars>): Map<string, HostVars> {
  if (typeof node !== 'object' || node === null) return found;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'hosts')
      for (const [name, vars] of Object.entries(value as Record<string, HostVars>)) found.set(name, vars);
    else findHosts(value, found);
  }
  return found;
}

/** A testbed of its own, under a temporary home. */
export async function bringUp(driver: 'netns' | 'qemu'): Promise<BenchHosts> {
  const cwd = mkdtempSync(join(tmpdir(), 'orch-bench-'));
  const env = { XDG_STATE_HOME: join(cwd, 'state'), ANSIBLE_HOME: join(cwd, 'ansible'), NO_COLOR: '1' };
  await run([...orch, 'testbed', 'up', '--driver', driver], { env, timeoutMs: 600_000 });
  const inventory = join(cwd, 'state/orch/testbed/inventory.yml');
  const hosts = findHosts(parse(readFileSync(inventory, 'utf8')), new Map());
  const ssh = (name: string, multiplexed: boolean) => {
    const vars = hosts.get(name);
    if (!vars) throw new Error(`${inventory} has no host ${name}`);
    const shared = multiplexed
      ? ['-o', 'ControlMaster=auto', '-o', `ControlPath=${join(cwd, 'mux')}`, '-o', 'ControlPersist=60']
      : ['-o', 'ControlMaster=no'];
    return [
      'ssh',
      ...['-F', 'none', '-o', 'BatchMode=yes', '-i', vars.ansible_ssh_private_key_file],
      ...vars.ansible_ssh_common_args.replaceAll('"', '').split(/\s+/).filter(Boolean),
      ...shared,
      ...['-p', String(vars.ansible_port), `root@${vars.ansible_host}`],
    ];
  };
  return {
    driver,
    inventory,
    ssh,
    env,
    cwd,
    down: async () => {
      await run([
        ...ssh('vm02', true).slice(0, 1),
        '-O',
        'exit',
        '-o',
        `ControlPath=${join(cwd, 'mux')}`,
        'vm02',
      ]).catch(
        // No master was left; nothing to end.
        () => undefined,
      );
      await run([...orch, 'testbed', 'down'], { env, timeoutMs: 60_000 });
      rmSync(cwd, { recursive: true, force: true });
    },
  };
}
