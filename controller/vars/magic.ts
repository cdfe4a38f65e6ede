import { dirname, resolve } from 'node:path';
import { ansibleVersion } from '../../proto/version.ts';
import { hostOf } from '../inventory/select-hosts.ts';
import { type Inventory, shortName } from '../inventory/types.ts';
import { workstationPython } from '../paths.ts';
import { LazyMap, Tuple } from '../template/python/values.ts';
import type { Scope } from '../template/types.ts';
import type { Layer } from './layer.ts';
import { omit } from './omit.ts';

/** What templates may ask of the command line. */
export interface CommandLine {
  readonly check: boolean;
  readonly diff: boolean;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly limit: string | undefined;
  readonly verbosity: number;
  /** How many hosts work at the same time; undefined: all. */
  readonly forks?: number | undefined;
}

export interface MagicSources {
  readonly host: string;
  readonly inventory: Inventory;
  /** Variables of another host, with what `seen` leaves of its magic ones; made when a template asks for them. */
  readonly hostScope: (host: string, seen?: (magic: Layer) => Layer) => Scope;
  /** Hosts of the play that are still in it, all of it and of this batch. */
  readonly playHosts: () => readonly string[];
  readonly playHostsAll: readonly string[];
  readonly playBatch: () => readonly string[];
  readonly commandLine: CommandLine;
  readonly playbookDir: string;
  readonly playName?: string | undefined;
  /** The ansible.cfg that counts. */
  readonly configFile?: string | undefined;
}

const knownGroups = new WeakMap<Inventory, Readonly<Record<string, readonly string[]>>>();

/** `groups`: hosts by group. The same for all hosts, and large where there are many. */
export function groupsOf(inventory: Inventory): Readonly<Record<string, readonly string[]>> {
  let known = knownGroups.get(inventory);
  if (!known) {
    known = Object.fromEntries([...inventory.groups.values()].map(({ name, hosts }) => [name, hosts]));
    knownGroups.set(inventory, known);
  }
  return known;
}

/** Ansible's, where nobody says it. */
export const defaultForks = 5;

const [major, minor, revision] = ansibleVersion.split('.').map(Number);
const ansible = { full: ansibleVersion, string: ansibleVersion, major, minor, revision };

/** Variables that are about the play: `hostvars` has hosts without them, and so ends. */
const ofThePlay: ReadonlySet<string> = new Set(
  'hostvars environment omit play_hosts ansible_play_hosts ansible_play_hosts_all ansible_play_batch ansible_play_name'.split(
    ' ',
  ),
);

const withoutPlay = (magic: Layer): Layer => ({
  has: (name) => !ofThePlay.has(name) && magic.has(name),
  get: (name) => magic.get(name),
  names: () => [...magic.names()].filter((name) => !ofThePlay.has(name)),
});

/** A host's variables as `hostvars` shows them: its own may be called like those of the play, which their templates see. */
function ofHost(host: string, hostScope: MagicSources['hostScope']): Scope {
  const scope = hostScope(host);
  let made: Scope | undefined;
  const own = () => (made ??= hostScope(host, withoutPlay));
  const holding = (name: string) => (ofThePlay.has(name) ? own() : scope);
  return {
    has: (name) => holding(name).has(name),
    get: (name) => holding(name).get(name),
    names: () => own().names(),
  };
}

/** Ansible's special variables. */
export function magicLayer(sources: MagicSources): Layer {
  const { host, inventory, commandLine } = sources;
  const file = hostOf(inventory, host)?.file;
  const path = file && resolve(file);
  const values: Readonly<Record<string, () => unknown>> = {
    inventory_hostname: () => host,
    inventory_hostname_short: () => shortName(host),
    group_names: () => [...(hostOf(inventory, host)?.groups ?? [])].filter((name) => name !== 'all').sort(),
    groups: () => groupsOf(inventory),
    hostvars: () =>
      new LazyMap({
        has: (name) => hostOf(inventory, name) !== undefined,
        get: (name) => new LazyMap(ofHost(name, sources.hostScope)),
        names: () => inventory.hosts.keys(),
      }),
    play_hosts: () => sources.playBatch(),
    ansible_play_hosts: () => sources.playHosts(),
    ansible_play_hosts_all: () => sources.playHostsAll,
    ansible_play_batch: () => sources.playBatch(),
    ansible_play_name: () => sources.playName ?? '',
    ansible_check_mode: () => commandLine.check,
    ansible_diff_mode: () => commandLine.diff,
    ansible_run_tags: () => (commandLine.tags.length > 0 ? commandLine.tags : Tuple.from(['all'])),
    ansible_skip_tags: () => (commandLine.skipTags.length > 0 ? commandLine.skipTags : Tuple.from([])),
    ...(commandLine.limit === undefined ? {} : { ansible_limit: () => commandLine.limit }),
    ansible_verbosity: () => commandLine.verbosity,
    ...(file === undefined ? {} : { inventory_file: () => path, inventory_dir: () => path && dirname(path) }),
    ansible_version: () => ansible,
    ansible_forks: () => commandLine.forks ?? defaultForks,
    ansible_playbook_python: () => workstationPython,
    ansible_config_file: () => sources.configFile ?? null,
    ansible_inventory_sources: () => inventory.sources,
    environment: () => [],
    playbook_dir: () => sources.playbookDir,
    omit: () => omit,
  };
  return {
    has: (name) => Object.hasOwn(values, name),
    get: (name) => ({ data: values[name]?.() }),
    names: () => Object.keys(values),
  };
}
