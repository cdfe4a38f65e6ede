import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchHosts, orch } from './hosts.ts';
import { run } from './measure.ts';

const lab = join(import.meta.dirname, 'lab');
const mitogen = '/usr/lib/python3/dist-packages/ansible_mitogen/plugins/strategy';

/** Settings that people choose for speed. */
export const ansibleEnv = { ANSIBLE_PIPELINING: 'True', ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3' };
/** By Mitogen, beside those. */
export const mitogenEnv = { ANSIBLE_STRATEGY: 'mitogen_linear', ANSIBLE_STRATEGY_PLUGINS: mitogen };

export function whyNoAnsible(): string | undefined {
  return onPath('ansible-playbook') ? undefined : 'ansible-core is not installed';
}

export function whyNoMitogen(): string | undefined {
  return whyNoAnsible() ?? (existsSync(mitogen) ? undefined : 'ansible-mitogen is not installed');
}

/** One way to bring vm02 to the lab's state; all of them find nothing to do. */
export interface Contender {
  readonly name: string;
  /** Why it can't be timed here. */
  readonly missing?: string | undefined;
  /** Timed in rounds of its own, which would leave the others an agent that has just begun. */
  readonly cold?: boolean;
  /** Not timed. */
  readonly prepare?: () => Promise<void>;
  /** Milliseconds of the whole process. Throws when something was changed after all. */
  readonly time: () => Promise<number>;
}

/** The lab as a playbook for these hosts. */
export function orchLab({ driver, cwd }: BenchHosts): string {
  const shipped = readFileSync(join(lab, 'orch.yml'), 'utf8');
  const file = join(cwd, 'orch.yml');
  const macvlan = shipped.replaceAll('ipvlan:', 'macvlan:').replaceAll('mode: l2', 'mode: bridge');
  writeFileSync(file, driver === 'qemu' ? shipped : macvlan);
  return file;
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, program)));
}

function unchanged(name: string, stdout: string): void {
  if (!/changed=0\b/.test(stdout)) throw new Error(`${name} should have had nothing to do:\n${stdout}`);
}

export function contenders(hosts: BenchHosts): readonly Contender[] {
  const { env, cwd } = hosts;
  const [kind, mode] = hosts.driver === 'qemu' ? ['ipvlan', 'l2'] : ['macvlan', 'bridge'];
  const script = readFileSync(join(lab, 'script.sh'), 'utf8');
  const vars = ['-e', `kind=${kind}`, '-e', `mode=${mode}`];

  const timed = async (
    name: string,
    argv: readonly string[],
    more: { env?: Record<string, string>; stdin?: string },
  ) => {
    const { ms, stdout } = await run(argv, {
      cwd,
      env: { ...env, ...more.env },
      ...(more.stdin ? { stdin: more.stdin } : {}),
    });
    unchanged(name, stdout);
    return ms;
  };
  const orchRun = [...orch, 'run', orchLab(hosts), '-i', hosts.inventory];
  const overSsh = (multiplexed: boolean) => [...hosts.ssh('vm02', multiplexed), 'sh', '-s', kind ?? '', mode ?? ''];
  const ansible = ['ansible-playbook', join(lab, 'ansible.yml'), '-i', hosts.inventory, ...vars];

  return [
    { name: 'orch warm', time: () => timed('orch', orchRun, {}) },
    {
      name: 'orch cold',
      cold: true,
      prepare: async () => {
        await run([...orch, 'agent', 'remove', '--force', '-i', hosts.inventory, '--limit', 'vm02'], { env, cwd });
      },
      time: () => timed('orch', orchRun, {}),
    },
    { name: 'script, new ssh', time: () => timed('script', overSsh(false), { stdin: script }) },
    { name: 'script, multiplexed ssh', time: () => timed('script', overSsh(true), { stdin: script }) },
    { name: 'ansible', missing: whyNoAnsible(), time: () => timed('ansible', ansible, { env: ansibleEnv }) },
    {
      name: 'ansible + mitogen',
      missing: whyNoMitogen(),
      time: () => timed('mitogen', ansible, { env: { ...ansibleEnv, ...mitogenEnv } }),
    },
  ];
}
