import type { Inventory } from '../inventory/types.ts';
import type { Scope } from '../template/types.ts';
import { LazyMap } from '../template/values.ts';
import type { Layer } from './layer.ts';
import { omit } from './omit.ts';

export interface MagicSources {
  readonly host: string;
  readonly inventory: Inventory;
  /** Variables of another host; made when a template asks for them. */
  readonly hostScope: (host: string) => Scope;
  /** Hosts of the play that are still in it, all of it and of this batch. */
  readonly playHosts: () => readonly string[];
  readonly playHostsAll: readonly string[];
  readonly playBatch: readonly string[];
  readonly check: boolean;
  readonly diff: boolean;
  readonly playbookDir: string;
  readonly playName?: string | undefined;
}

/** `groups`: hosts by group; `all` and `ungrouped` too. */
function groupsOf({ groups, hosts }: Inventory): Record<string, readonly string[]> {
  const lonely = [...hosts.values()].filter((host) => host.groups.every((group) => group === 'ungrouped'));
  return Object.fromEntries<readonly string[]>([
    ['all', [...hosts.keys()]],
    ['ungrouped', lonely.map(({ name }) => name)],
    ...[...groups.values()].map(({ name, hosts: members }): [string, readonly string[]] => [name, members]),
  ]);
}

/** Ansible's special variables. */
export function magicLayer(sources: MagicSources): Layer {
  const { host, inventory } = sources;
  const values: Readonly<Record<string, () => unknown>> = {
    inventory_hostname: () => host,
    inventory_hostname_short: () => host.split('.')[0],
    group_names: () => [...(inventory.hosts.get(host)?.groups ?? [])].filter((name) => name !== 'all').sort(),
    groups: () => groupsOf(inventory),
    hostvars: () =>
      new LazyMap({
        has: (name) => inventory.hosts.has(name),
        get: (name) => new LazyMap(sources.hostScope(name)),
        names: () => inventory.hosts.keys(),
      }),
    play_hosts: () => sources.playHosts(),
    ansible_play_hosts: () => sources.playHosts(),
    ansible_play_hosts_all: () => sources.playHostsAll,
    ansible_play_batch: () => sources.playBatch,
    ansible_play_name: () => sources.playName ?? '',
    ansible_check_mode: () => sources.check,
    ansible_diff_mode: () => sources.diff,
    playbook_dir: () => sources.playbookDir,
    omit: () => omit,
  };
  return {
    has: (name) => Object.hasOwn(values, name),
    get: (name) => ({ data: values[name]?.() }),
    names: () => Object.keys(values),
  };
}
