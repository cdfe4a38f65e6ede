import { dirname, resolve } from 'node:path';
import type { InventoryHost } from '../../inventory/types.ts';
import type { Scope } from '../../template/types.ts';
import { LazyMap } from '../../template/values.ts';
import type { PlayRun } from '../state.ts';
import { lazyScope } from './layers.ts';
import type { ScopeSource } from './task-scope.ts';

/** The value of the variable `omit`: an argument of this value is left out. */
export const omitted = '__omit_place_holder__b7c1d2e3';

/** Ansible's variables about the run itself. */
export function magicVariables(
  source: ScopeSource,
  host: InventoryHost,
  play: PlayRun | undefined,
  hostvars: Scope,
): Scope {
  const { inventory, playbook, options } = source;
  const active = () => play?.hosts.filter((name) => !play.run.host(name).out) ?? [];
  return lazyScope({
    inventory_hostname: () => host.name,
    inventory_hostname_short: () => host.name.split('.')[0],
    group_names: () => [...host.groups].filter((name) => name !== 'all').sort(),
    groups: () => Object.fromEntries([...inventory.groups.values()].map(({ name, hosts }) => [name, hosts])),
    hostvars: () => new LazyMap(hostvars),
    playbook_dir: () => resolve(dirname(playbook)),
    inventory_dir: () => resolve(dirname(inventory.source)),
    inventory_file: () => resolve(inventory.source),
    omit: () => omitted,
    ansible_check_mode: () => options.check,
    ansible_diff_mode: () => options.diff,
    ansible_run_tags: () => options.tags,
    ansible_skip_tags: () => options.skipTags,
    ansible_limit: () => options.limit ?? null,
    ansible_verbosity: () => options.verbosity,
    ansible_version: () => ({ full: '2.19.0', major: 2, minor: 19, revision: 0, string: '2.19.0' }),
    ansible_play_name: () => play?.name ?? '',
    ansible_play_hosts: active,
    play_hosts: active,
    ansible_play_hosts_all: () => play?.hosts ?? [],
    ansible_play_batch: () => play?.batch.filter((name) => !play.run.host(name).out) ?? [],
  });
}
