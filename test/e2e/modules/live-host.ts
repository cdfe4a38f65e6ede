import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../../agent/linux/host.ts';
import { LinuxHost } from '../../../agent/linux/linux-host.ts';
import type { Action, Plan } from '../../../agent/modules/module.ts';
import { registry } from '../../../agent/modules/registry.gen.ts';
import { ip, ScratchNetns } from '../scratch-netns.ts';

/** Modules at work on this machine's kernel, in namespaces of their own. */
export const scratch = new ScratchNetns();
const folder = mkdtempSync(join(tmpdir(), 'orch-modules-'));
export const linux = new LinuxHost(folder);

const host: Host = Object.assign(Object.create(linux) as LinuxHost, {
  promised: () => false,
  owns: () => true,
  asked: () => [],
  absolute: async (path: string) => path,
  expanded: async (path: string) => path,
  word: async (word: string) => word,
  fileWith: async () => Promise.reject(new Error('nothing comes from afar')),
  runAs: undefined,
});

export async function sweep(): Promise<void> {
  await linux.release();
  for (const { spec } of linux.daemons.states()) await linux.daemons.remove(spec.name, spec.netns);
  linux.daemons.leave();
  scratch.sweep();
  rmSync(folder, { recursive: true, force: true });
}

export interface Task {
  readonly name: string;
  readonly params: Record<string, unknown>;
}

export async function plan({ name, params }: Task): Promise<Plan> {
  const module = registry.get(name);
  if (module?.form !== 'converge') throw new Error(`no module ${name}`);
  const parsed = module.params.parse(params);
  return module.plan(parsed, await module.read(parsed, host));
}

export async function applyAll(actions: readonly Action[]): Promise<void> {
  for (const action of actions) await linux.apply(action);
}

/** All of a namespace that modules change, as ip shows it. */
export function state(netns: string): string[] {
  const families = ['-4', '-6'];
  const shown = families.flatMap((family) => [
    ip('-n', netns, family, 'route', 'show', 'table', 'all'),
    ip('-n', netns, family, 'rule', 'show'),
  ]);
  const links = ip('-n', netns, '-br', 'address', 'show').replace(/@\S+/g, '');
  const nft = ip('netns', 'exec', netns, 'nft', '-s', 'list', 'ruleset');
  const lasting = [
    ip('-n', netns, 'nexthop', 'show'),
    ip('-n', netns, 'neighbour', 'show', 'nud', 'permanent'),
    ip('-n', netns, 'neighbour', 'show', 'proxy'),
  ];
  const queueing = execFileSync('tc', ['-n', netns, 'qdisc', 'show'], { encoding: 'utf8' });
  return [links, ...lasting, ...shown, nft, queueing];
}
