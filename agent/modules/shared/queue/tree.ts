import type { ChildQdisc, Filter, RootQdisc, TrafficClass } from './params.ts';
import { wordsOf } from './params.ts';

/** All that hangs at the root of a device. */
export interface Tree {
  readonly root: RootQdisc;
  readonly classes: readonly TrafficClass[];
  readonly qdiscs: readonly ChildQdisc[];
  readonly filters: readonly Filter[];
}

export type Command = readonly string[];

/** Kinds whose classes are made by commands; those of other kinds come with their qdisc. */
const madeClasses = new Set(['htb', 'hfsc', 'drr', 'qfq']);

export function makesClasses(kind: string): boolean {
  return madeClasses.has(kind);
}

/** "0a:1" and "a:1" are one class. */
export function canonicalId(id: string): string {
  return id
    .toLowerCase()
    .split(':')
    .map((part) => part.replace(/^0+(?=.)/, ''))
    .join(':');
}

function majorOf(id: string): string {
  return canonicalId(`${id.split(':')[0]}:`);
}

/** Kinds of the tree's qdiscs by handle. */
function kindsOf(tree: Tree): ReadonlyMap<string, string> {
  return new Map([tree.root, ...tree.qdiscs].map((qdisc) => [canonicalId(qdisc.handle), qdisc.kind]));
}

/** The kind of a class is that of its qdisc. */
function kindOfClass(tree: Tree, classid: string): string | undefined {
  return kindsOf(tree).get(majorOf(classid));
}

interface Node {
  /** Handles and classes that are there once it is made. */
  readonly id: string;
  readonly parent: string;
  readonly command: Command;
}

export function qdiscCommand(verb: string, dev: string, at: Command, qdisc: RootQdisc | ChildQdisc): Command {
  return ['qdisc', verb, 'dev', dev, ...at, 'handle', qdisc.handle, qdisc.kind, ...wordsOf(qdisc.options)];
}

export function classCommand(verb: string, dev: string, tree: Tree, one: TrafficClass): Command {
  const parent = one.parent ?? majorOf(one.classid);
  const kind = kindOfClass(tree, one.classid) ?? '';
  return ['class', verb, 'dev', dev, 'parent', parent, 'classid', one.classid, kind, ...wordsOf(one.options)];
}

/** `at`: "parent 1:", or "ingress" or "egress". */
export function filterCommand(dev: string, at: Command, filter: Filter): Command {
  const mark = filter.mark === undefined ? [] : ['handle', String(filter.mark)];
  const { protocol, prio, kind, options } = filter;
  return [
    'filter',
    'add',
    'dev',
    dev,
    ...at,
    'protocol',
    protocol,
    'prio',
    String(prio),
    ...mark,
    kind,
    ...wordsOf(options),
  ];
}

/** Classes and child qdiscs in an order in which each finds its parent, and those that find none. */
function ordered(tree: Tree, dev: string): { readonly nodes: readonly Node[]; readonly orphans: readonly Node[] } {
  const kinds = kindsOf(tree);
  let waiting: Node[] = [
    ...tree.classes.map((one) => ({
      id: canonicalId(one.classid),
      parent: canonicalId(one.parent ?? majorOf(one.classid)),
      command: classCommand('add', dev, tree, one),
    })),
    ...tree.qdiscs.map((qdisc) => ({
      id: canonicalId(qdisc.handle),
      parent: canonicalId(qdisc.parent),
      command: qdiscCommand('add', dev, ['parent', qdisc.parent], qdisc),
    })),
  ];
  const there = new Set([canonicalId(tree.root.handle)]);
  // A class that no command makes is there with its qdisc.
  const found = ({ parent }: Node) =>
    there.has(parent) || (there.has(majorOf(parent)) && !makesClasses(kinds.get(majorOf(parent)) ?? ''));
  const nodes: Node[] = [];
  for (;;) {
    const next = waiting.filter(found);
    if (next.length === 0) return { nodes, orphans: waiting };
    for (const node of next) there.add(node.id);
    nodes.push(...next);
    waiting = waiting.filter((node) => !next.includes(node));
  }
}

/** What the fields of a tree together cannot mean: [field, why]. */
export function treeProblems(tree: Tree): [string, string][] {
  const found: [string, string][] = [];
  const ids = [
    tree.root.handle,
    ...tree.qdiscs.map(({ handle }) => handle),
    ...tree.classes.map(({ classid }) => classid),
  ];
  const twice = ids.map(canonicalId).find((id, at, all) => all.indexOf(id) !== at);
  if (twice !== undefined) found.push([twice.endsWith(':') ? 'qdiscs' : 'classes', `${twice} is there twice`]);
  for (const { classid } of tree.classes) {
    const kind = kindOfClass(tree, classid);
    if (kind === undefined) found.push(['classes', `there is no qdisc ${majorOf(classid)} for the class ${classid}`]);
    else if (!makesClasses(kind))
      found.push(['classes', `classes of ${kind} come with it: hang a qdisc at ${classid} instead`]);
  }
  for (const { id, parent } of ordered(tree, '').orphans) {
    if (found.length === 0)
      found.push([id.endsWith(':') ? 'qdiscs' : 'classes', `${id} hangs at ${parent}, which is not there`]);
  }
  return found;
}

/** What makes the whole tree where there is only the kernel's own. */
export function treeCommands(tree: Tree, dev: string): readonly Command[] {
  return [
    qdiscCommand('add', dev, ['root'], tree.root),
    ...ordered(tree, dev).nodes.map((node) => node.command),
    ...tree.filters.map((filter) => filterCommand(dev, ['parent', tree.root.handle], filter)),
  ];
}
