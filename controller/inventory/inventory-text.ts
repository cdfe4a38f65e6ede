import type { Vars } from '../playbook/types.ts';
import { pythonJson } from '../template/json.ts';
import { dumpYaml } from '../template/yaml-dump.ts';
import type { Inventory } from './types.ts';

type Plain = Readonly<Record<string, unknown>>;

/** Values as they are written: templates are not rendered. */
function plain(vars: Vars): Plain {
  return Object.fromEntries([...vars].map(([name, { value }]) => [name, value]));
}

/** As ansible-inventory prints it: keys sorted, four blanks a level. */
export function json(value: unknown): string {
  return `${pythonJson(value, { indent: 4, sortKeys: true, ascii: false })}\n`;
}

export function yaml(value: unknown): string {
  return dumpYaml(value, {
    indent: 2,
    flow: false,
    sortKeys: true,
    width: 80,
    explicitStart: false,
    explicitEnd: false,
  });
}

/** One host's variables. */
export function hostVars(inventory: Inventory, name: string): Plain | undefined {
  const host = inventory.hosts.get(name) ?? (name === 'localhost' ? inventory.implicitLocalhost : undefined);
  return host && plain(host.vars);
}

/** Groups with their hosts and children, and the hosts' variables under `_meta`: what --list prints. */
export function listed(inventory: Inventory): Plain {
  const groups = [...inventory.groups.values()].flatMap(({ name, children, own }): [string, unknown][] => {
    const group = {
      ...(own.length > 0 ? { hosts: own } : {}),
      ...(children.length > 0 ? { children: childrenOf(name, children) } : {}),
    };
    return Object.keys(group).length > 0 ? [[name, group]] : [];
  });
  const vars = [...inventory.hosts.values()].flatMap((host): [string, unknown][] =>
    host.vars.size > 0 ? [[host.name, plain(host.vars)]] : [],
  );
  return { _meta: { hostvars: Object.fromEntries(vars), profile: 'inventory_legacy' }, ...Object.fromEntries(groups) };
}

/** `ungrouped` is first among the children of `all`. */
function childrenOf(name: string, children: readonly string[]): readonly string[] {
  return name === 'all' ? ['ungrouped', ...children.filter((child) => child !== 'ungrouped')] : children;
}

/** Groups in groups, as --list --yaml prints them; a host's variables stand where it is first seen. */
export function nested(inventory: Inventory): Plain {
  const seen = new Set<string>();
  const hostEntry = (name: string): [string, unknown] => {
    const vars = seen.has(name) ? {} : (hostVars(inventory, name) ?? {});
    seen.add(name);
    return [name, vars];
  };
  const groupEntry = (name: string): [string, unknown] => {
    const { children = [], own = [] } = inventory.groups.get(name) ?? {};
    const inner = childrenOf(name, children)
      .map(groupEntry)
      .filter(([, value]) => Object.keys(value as Plain).length > 0);
    const group = {
      ...(inner.length > 0 ? { children: Object.fromEntries(inner) } : {}),
      ...(own.length > 0 ? { hosts: Object.fromEntries(own.map(hostEntry)) } : {}),
    };
    return [name, group];
  };
  return Object.fromEntries([groupEntry('all')]);
}

/** The tree of a group, as --graph prints it. */
export function graph(inventory: Inventory, top: string, withVars: boolean): string {
  const lines: string[] = [];
  const put = (depth: number, text: string) => lines.push(`${depth === 0 ? '' : `${'  |'.repeat(depth)}--`}${text}`);
  const putVars = (vars: Vars, depth: number) => {
    if (!withVars) return;
    for (const [name, value] of Object.entries(plain(vars)).sort(([a], [b]) => (a < b ? -1 : 1))) {
      put(
        depth,
        `{${name} = ${typeof value === 'string' ? value : pythonJson(value, { sortKeys: false, ascii: false, indent: undefined })}}`,
      );
    }
  };
  const putGroup = (name: string, depth: number) => {
    const group = inventory.groups.get(name);
    if (!group) return;
    put(depth, `@${name}:`);
    for (const child of childrenOf(name, group.children)) putGroup(child, depth + 1);
    for (const host of group.own) {
      put(depth + 1, host);
      putVars(inventory.hosts.get(host)?.vars ?? new Map(), depth + 2);
    }
    putVars(group.vars, depth + 1);
  };
  putGroup(top, 0);
  return `${lines.join('\n')}\n`;
}
