import { existsSync } from 'node:fs';
import { workstationPython } from '../paths.ts';
import type { Located } from '../source/located.ts';
import { optionText } from '../source/origins.ts';
import { type Draft, type DraftGroup, priorityName } from './draft.ts';
import { putVar } from './put-var.ts';
import { type Inventory, type InventoryGroup, type InventoryHost, localhosts, type SaidVars } from './types.ts';
import type { VarsFolder, VarsFolders } from './vars-folders.ts';

type VarsMap = ReadonlyMap<string, Located>;

const ofLocalhost = (name: string, value: string) =>
  [name, { ...optionText('implicit localhost', `${name}=${value}`), value }] as const;

/** Of the workstation where no inventory names it. */
export const localhostVars: VarsMap = new Map([
  ofLocalhost('ansible_connection', 'local'),
  ...(existsSync(workstationPython) ? [ofLocalhost('ansible_python_interpreter', workstationPython)] : []),
]);

/** Steps of the longest way from `all`. */
function depths(draft: Draft): Map<string, number> {
  const known = new Map<string, number>([['all', 0]]);
  const depth = (group: DraftGroup): number => {
    let result = known.get(group.name);
    if (result === undefined) {
      result = 1 + Math.max(0, ...[...group.parents].map((parent) => depth(draft.group(parent))));
      known.set(group.name, result);
    }
    return result;
  };
  for (const group of draft.groups.values()) depth(group);
  return known;
}

/** Puts every host into each group that holds one of its groups; a host with no group of its own is `ungrouped`. */
function membership(draft: Draft, order: readonly DraftGroup[]): Map<string, string[]> {
  const groups = new Map<string, Set<string>>([...draft.hosts.keys()].map((name) => [name, new Set()]));
  // Children before parents, so that each group passes on what it got.
  const members = new Map<string, Set<string>>();
  for (const group of [...order].reverse()) {
    const all = new Set(group.hosts);
    for (const child of group.children) for (const host of members.get(child) ?? []) all.add(host);
    members.set(group.name, all);
    if (group.name !== 'all' && group.name !== 'ungrouped') for (const host of all) groups.get(host)?.add(group.name);
  }
  const rank = new Map(order.map(({ name }, index) => [name, index]));
  return new Map(
    [...groups].map(([host, names]) => {
      const list = names.size === 0 ? ['ungrouped'] : [...names];
      return [host, list.sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0))];
    }),
  );
}

function overlay(layers: readonly VarsMap[]): VarsMap {
  const used = layers.filter((layer) => layer.size > 0);
  const [only] = used;
  if (only && used.length === 1) return only;
  const result = new Map<string, Located>();
  for (const [key, value] of used.flatMap((layer) => [...layer])) putVar(result, key, value);
  return result;
}

/** Variables of groups and hosts in Ansible's order: files of the inventory, then group_vars/, then host variables. */
class Layers {
  readonly #draft: Draft;
  readonly #groupFolders: readonly VarsFolder[];
  readonly #hostFolders: readonly VarsFolder[];
  readonly #ofGroup = new Map<string, readonly VarsMap[]>();
  readonly #merged = new Map<string, VarsMap>();

  constructor(draft: Draft, { groups, hosts }: VarsFolders) {
    this.#draft = draft;
    this.#groupFolders = groups;
    this.#hostFolders = hosts;
  }

  #folderVars(group: string): readonly VarsMap[] {
    let layers = this.#ofGroup.get(group);
    if (!layers) {
      layers = this.#groupFolders.map((folder) => folder.vars(group));
      this.#ofGroup.set(group, layers);
    }
    return layers;
  }

  #saidOfGroups(names: readonly string[]): readonly SaidVars[] {
    const said = (name: string, vars: VarsMap): SaidVars => ({ of: `group ${name}`, vars });
    return [
      ...['all', ...names].map((name) => said(name, forHosts(this.#draft.group(name).vars))),
      ...this.#folderVars('all').map((vars) => said('all', vars)),
      ...this.#groupFolders.flatMap((_, index) =>
        names.map((name) => said(name, this.#folderVars(name)[index] ?? new Map())),
      ),
    ];
  }

  /** What hosts of exactly these groups share. */
  groups(names: readonly string[]): VarsMap {
    const key = names.join('\0');
    let merged = this.#merged.get(key);
    if (!merged) {
      merged = overlay(this.#saidOfGroups(names).map(({ vars }) => vars));
      this.#merged.set(key, merged);
    }
    return merged;
  }

  /** What a group says itself. */
  ownGroup(name: string): VarsMap {
    return overlay([this.#draft.group(name).vars, ...this.#folderVars(name)]);
  }

  /** Of a host of these groups: what it sees, and what it says itself. */
  host(name: string, groups: readonly string[], said: VarsMap): Pick<InventoryHost, 'vars' | 'ownVars' | 'said'> {
    const own = () => [said, ...this.#hostFolders.map((folder) => folder.vars(name))];
    const ownVars = overlay(own());
    return {
      vars: overlay([this.groups(groups), ownVars]),
      ownVars,
      said: () => [...this.#saidOfGroups(groups), ...own().map((vars) => ({ of: `host ${name}`, vars }))],
    };
  }
}

/** Variables of a group that its hosts have, too. */
function forHosts(vars: VarsMap): VarsMap {
  return vars.has(priorityName) ? new Map([...vars].filter(([name]) => name !== priorityName)) : vars;
}

/** A group by itself: the groups below it, and the hosts that stand in it, in the order of the files. */
interface GroupOfTree {
  readonly children: readonly string[];
  readonly hosts: readonly string[];
}

/** Hosts of a group as Ansible counts them: its own, then those of its children, then of their children. */
function hostsBelow(tree: ReadonlyMap<string, GroupOfTree>, top: string): string[] {
  const hosts = new Set<string>();
  const names = new Set([top]);
  // The set grows behind the name that is being read.
  for (const name of names) {
    const group = tree.get(name);
    for (const host of group?.hosts ?? []) hosts.add(host);
    for (const child of group?.children ?? []) names.add(child);
  }
  return [...hosts];
}

/** The finished inventory of what was read. `folders`: the inventories', then the playbook's. */
export function mergeInventory(
  draft: Draft,
  read: Pick<Inventory, 'source' | 'sources'>,
  folders: VarsFolders,
): Inventory {
  const depth = depths(draft);
  const order = [...draft.groups.values()].sort(
    (a, b) =>
      (depth.get(a.name) ?? 0) - (depth.get(b.name) ?? 0) || a.priority - b.priority || (a.name < b.name ? -1 : 1),
  );
  const layers = new Layers(draft, folders);
  const hosts = new Map<string, InventoryHost>();
  const ungrouped = new Set<string>();
  for (const [name, groups] of membership(draft, order)) {
    const host = draft.hosts.get(name);
    const said = host?.implicit ? localhostVars : host?.vars;
    hosts.set(name, { name, file: host?.file, groups, ...layers.host(name, groups, said ?? new Map()) });
    if (groups.includes('ungrouped')) ungrouped.add(name);
  }
  const tree = new Map(
    [...draft.groups.values()].map(({ name, children, hosts: said }): [string, GroupOfTree] => {
      if (name === 'all') return [name, { children: topGroups(draft), hosts: [...said] }];
      const own = name === 'ungrouped' ? [...said, ...ungrouped].filter((host) => ungrouped.has(host)) : said;
      return [name, { children: [...children], hosts: [...new Set(own)] }];
    }),
  );
  const groups = new Map<string, InventoryGroup>(
    [...tree].map(([name, { children, hosts: said }]) => {
      const own = name === 'all' ? [] : said;
      const below = hostsBelow(tree, name);
      const all = name === 'all' ? below.filter((host) => !draft.hosts.get(host)?.implicit) : below;
      return [name, { name, children, own, vars: layers.ownGroup(name), hosts: all }];
    }),
  );
  const said = [...hosts.values()].find(({ name }) => localhosts.has(name));
  const implicit = new Map<string, InventoryHost>();
  const localhost = (asked?: string): InventoryHost => {
    if (said) return said;
    draft.localhost ??= asked;
    const name = draft.localhost ?? 'localhost';
    const host = implicit.get(name) ?? { name, groups: [], ...layers.host(name, [], localhostVars) };
    implicit.set(name, host);
    return host;
  };
  return { source: read.source, sources: read.sources, hosts, groups, localhost };
}

/** `ungrouped`; those that are written there, also when they are in others, too; then those that are in none. */
function topGroups(draft: Draft): string[] {
  const single = [...draft.groups.values()].filter(({ name, parents }) => name !== 'all' && parents.size === 0);
  return [...new Set(['ungrouped', ...draft.group('all').children, ...single.map(({ name }) => name)])];
}
