import { stringify, TomlDate } from 'smol-toml';
import { Float } from '../../proto/float.ts';
import type { Vars } from '../playbook/types.ts';
import { literalText } from '../source/literal.ts';
import { VaultText } from '../template/formats/vault-text.ts';
import { isAtom } from '../template/python/atom.ts';
import { pythonJson } from '../template/python/json.ts';
import { dataEntries, objectOf } from '../template/python/mapping.ts';
import { Moment } from '../template/python/moment.ts';
import { str } from '../template/python/text.ts';
import { dumpYaml } from '../template/yaml/yaml-dump.ts';
import { isClosed } from '../vault/vault.ts';
import { hostOf } from './select-hosts.ts';
import type { Inventory } from './types.ts';

type Plain = Readonly<Record<string, unknown>>;

/** A text that a template gave. */
class RenderedText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Values as they are written: templates are not rendered. */
function plain(vars: Vars): Plain {
  return Object.fromEntries([...vars].map(([name, { value, rendered }]) => [name, rendered ? marked(value) : value]));
}

function marked(value: unknown): unknown {
  if (typeof value === 'string') return new RenderedText(literalText(value) ?? value);
  if (typeof value !== 'object' || value === null || isAtom(value)) return value;
  if (Array.isArray(value)) return value.map(marked);
  return objectOf(dataEntries(value as Plain).map(([key, item]) => [key, marked(item)]));
}

/** How texts are told that are more than text. */
interface Marks {
  /** One of `!unsafe` or of a template, which is no template. */
  readonly unsafe?: (text: string) => unknown;
  /** One that is encrypted. */
  readonly encrypted?: (text: string) => unknown;
}

const asItIs = (text: string): string => text;

/** Data with each such text as `marks` have it; what holds none stays the same object. */
function withMarks(value: unknown, marks: Marks): unknown {
  const { unsafe = asItIs, encrypted = asItIs } = marks;
  if (value instanceof RenderedText) return unsafe(value.text);
  if (typeof value === 'string') {
    if (isClosed(value)) return encrypted(value);
    const text = literalText(value);
    return text === undefined ? value : unsafe(text);
  }
  if (typeof value !== 'object' || value === null || isAtom(value)) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => withMarks(item, marks));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const entries = dataEntries(value as Plain).map(([key, item]) => [key, item, withMarks(item, marks)] as const);
  if (entries.every(([, before, after]) => before === after)) return value;
  return objectOf(entries.map(([key, , after]) => [key, after]));
}

/** Characters of a whole inventory: half of what V8 takes for one text. */
const most = 2 ** 28;

/** As ansible-inventory prints it: keys sorted, four blanks a level; with --list texts that are no templates are marked. */
export function json(value: unknown, marks = true): string {
  const unsafe = (text: string) => (marks ? { __ansible_unsafe: text } : text);
  const marked = withMarks(value, { unsafe, encrypted: (text) => ({ __ansible_vault: text }) });
  return `${pythonJson(marked, { indent: 4, sortKeys: true, ascii: false, most })}\n`;
}

export function yaml(value: unknown): string {
  return dumpYaml(withMarks(value, { encrypted: (text) => new VaultText(text) }), {
    indent: 2,
    flow: false,
    sortKeys: true,
    anchors: true,
    width: 80,
    explicitStart: false,
    explicitEnd: false,
    most,
  });
}

/** What of an inventory is told, and how. */
export interface Told {
  /** Hosts that --limit leaves. */
  readonly hosts?: ReadonlySet<string> | undefined;
  /** Variables of groups stand with the groups, in place of each host's being the sum of all. */
  readonly export?: boolean;
  /** What hosts and groups say themselves, where that is less than the inventory has. */
  readonly own?: Inventory | undefined;
  /** Of -e. */
  readonly extra?: Vars | undefined;
}

/** One host's variables. */
export function hostVars(inventory: Inventory, name: string, told: Told = {}): Plain | undefined {
  const host = hostOf(inventory, name);
  if (!host) return undefined;
  return told.export
    ? plain((told.own && hostOf(told.own, name))?.ownVars ?? host.ownVars)
    : { ...plain(host.vars), ...plain(told.extra ?? new Map()) };
}

/** Groups with their hosts and children, and the hosts' variables under `_meta`: what --list prints. */
export function listed(inventory: Inventory, told: Told = {}): Plain {
  const isTold = (host: string) => told.hosts?.has(host) ?? true;
  const groups = [...(told.own ?? inventory).groups.values()].flatMap(
    ({ name, children, own, vars }): [string, unknown][] => {
      const hosts = own.filter(isTold);
      const group = {
        ...(hosts.length > 0 ? { hosts } : {}),
        ...(children.length > 0 ? { children } : {}),
        ...(told.export && vars.size > 0 ? { vars: plain(vars) } : {}),
      };
      return Object.keys(group).length > 0 ? [[name, group]] : [];
    },
  );
  const vars = [...inventory.hosts.keys()].filter(isTold).flatMap((name): [string, unknown][] => {
    const own = hostVars(inventory, name, told) ?? {};
    return Object.keys(own).length > 0 ? [[name, own]] : [];
  });
  return { _meta: { hostvars: Object.fromEntries(vars), profile: 'inventory_legacy' }, ...Object.fromEntries(groups) };
}

/** Groups in groups, as --list --yaml prints them; what is in a group, and a host's variables, stand where they are first seen. */
export function nested(inventory: Inventory, told: Told = {}): Plain {
  const seen = new Set<string>();
  const seenGroups = new Set<string>();
  const hostEntry = (name: string): [string, unknown] => {
    const vars = seen.has(name) ? {} : (hostVars(inventory, name, told) ?? {});
    seen.add(name);
    return [name, vars];
  };
  const groupEntry = (name: string): [string, unknown] => {
    const { children = [], own = [], vars } = (told.own ?? inventory).groups.get(name) ?? {};
    seenGroups.add(name);
    const inner = children.flatMap((child): [string, unknown][] => {
      if (seenGroups.has(child)) return [[child, {}]];
      const entry = groupEntry(child);
      return Object.keys(entry[1] as Plain).length > 0 ? [entry] : [];
    });
    const hosts = own.filter((host) => told.hosts?.has(host) ?? true);
    const group = {
      ...(inner.length > 0 ? { children: Object.fromEntries(inner) } : {}),
      ...(hosts.length > 0 ? { hosts: Object.fromEntries(hosts.map(hostEntry)) } : {}),
      ...(told.export && vars?.size ? { vars: plain(vars) } : {}),
    };
    return [name, group];
  };
  const entry = groupEntry('all');
  return Object.keys(entry[1] as Plain).length > 0 ? Object.fromEntries([entry]) : {};
}

/** Groups with their hosts, each group once, as --list --toml prints them; a host's variables stand where it is first seen. */
export function tables(inventory: Inventory, told: Told = {}): Plain {
  const groups: Record<string, Plain> = {};
  const seen = new Set<string>();
  const add = (name: string): void => {
    const { children = [], own = [], vars } = (told.own ?? inventory).groups.get(name) ?? {};
    for (const child of children) add(child);
    const hosts = own.filter((host) => told.hosts?.has(host) ?? true);
    const hostEntries = hosts.map((host): [string, unknown] => {
      const known = seen.has(host) ? {} : (hostVars(inventory, host, told) ?? {});
      seen.add(host);
      return [host, known];
    });
    const group = {
      ...(name !== 'all' && children.length > 0 ? { children } : {}),
      ...(hosts.length > 0 ? { hosts: Object.fromEntries(hostEntries) } : {}),
      ...(told.export && vars?.size ? { vars: plain(vars) } : {}),
    };
    if (Object.keys(group).length > 0) groups[name] = group;
  };
  add('all');
  return groups;
}

/** As --toml prints it. */
export function toml(value: Plain): string {
  const texts = withMarks(value, {});
  return `${stringify(tomlValue(texts), { numbersAsFloat: true })}\n`;
}

/** TOML knows no null; whole numbers are bigints here, so that floats keep their point. */
function tomlValue(value: unknown): unknown {
  if (value instanceof Float) return value.value;
  if (value instanceof Moment) return new TomlDate(value.toJSON());
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (Array.isArray(value)) return value.filter((item) => item !== null).map(tomlValue);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(entries.map(([key, inner]) => [key, tomlValue(inner)]));
}

/** The tree of a group, as --graph prints it. */
export function graph(inventory: Inventory, top: string, withVars: boolean, told: Told = {}): string {
  const lines: string[] = [];
  const put = (depth: number, text: string) => lines.push(`${depth === 0 ? '' : `${'  |'.repeat(depth)}--`}${text}`);
  const putVars = (vars: Plain, depth: number) => {
    if (!withVars) return;
    for (const [name, value] of Object.entries(vars).sort(([a], [b]) => (a < b ? -1 : 1))) {
      put(depth, `{${name} = ${str(withMarks(value, { encrypted: () => '********' }))}}`);
    }
  };
  const putGroup = (name: string, depth: number) => {
    const group = (told.own ?? inventory).groups.get(name);
    if (!group) return;
    put(depth, `@${name}:`);
    for (const child of group.children) putGroup(child, depth + 1);
    for (const host of group.own) {
      put(depth + 1, host);
      putVars(hostVars(inventory, host, told) ?? {}, depth + 2);
    }
    putVars(plain(group.vars), depth + 1);
  };
  putGroup(top, 0);
  return `${lines.join('\n')}\n`;
}
