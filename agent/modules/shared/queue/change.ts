import type { Entry, Form } from './form.ts';
import { wordsOf } from './params.ts';
import { type Command, canonicalId, classCommand, filterCommand, qdiscCommand, type Tree } from './tree.ts';

/** Kinds that take all of their options anew when they are changed (the change functions of net/sched/sch_*.c). */
const changesWhole = new Set(['pfifo', 'bfifo', 'tbf', 'prio', 'red']);

/** What netem keeps from before where a change does not name it, and the words that take it away. */
const netemKeeps = ['corrupt', 'reorder', 'rate', 'slot', 'ecn'];
const netemClears: Readonly<Record<string, Command>> = { corrupt: ['corrupt', '0%'], rate: ['rate', '0'] };

/** Words that must be added to the task's for the qdisc to be changed in place; undefined: it can't be. */
function extraWords(kind: string, present: string, words: Command): Command | undefined {
  if (changesWhole.has(kind)) return [];
  if (kind !== 'netem') return undefined;
  const left = netemKeeps.filter((option) => present.split(' ').includes(option) && !words.includes(option));
  return left.every((option) => option in netemClears)
    ? left.flatMap((option) => netemClears[option] ?? [])
    : undefined;
}

function differing(present: readonly Entry[], wanted: readonly Entry[]): Entry[] | undefined {
  const same = present.length === wanted.length && wanted.every(({ key }, at) => present[at]?.key === key);
  return same ? wanted.filter(({ text }, at) => present[at]?.text !== text) : undefined;
}

/**
 * Commands that change a tree to another of the same qdiscs and classes in place; undefined when it must be made anew.
 */
export function changesInPlace(tree: Tree, dev: string, present: Form, wanted: Form): readonly Command[] | undefined {
  const qdiscs = differing(present.qdiscs, wanted.qdiscs);
  const classes = differing(present.classes, wanted.classes);
  if (qdiscs === undefined || classes === undefined) return undefined;
  const commands: Command[] = [];
  for (const { key } of qdiscs) {
    const [, kind = '', handle = ''] = key.split(' ');
    const child = tree.qdiscs.find((one) => canonicalId(one.handle) === handle);
    const qdisc = child ?? tree.root;
    const was = present.qdiscs.find((entry) => entry.key === key)?.text ?? '';
    const extra = extraWords(kind, was, wordsOf(qdisc.options));
    if (extra === undefined) return undefined;
    const at = child === undefined ? ['root'] : ['parent', child.parent];
    commands.push([...qdiscCommand('change', dev, at, qdisc), ...extra]);
  }
  for (const { key } of classes) {
    const one = tree.classes.find(({ classid }) => canonicalId(classid) === key.split(' ')[2]);
    if (one === undefined) return undefined;
    commands.push(classCommand('change', dev, tree, one));
  }
  if (present.filters.join('\n') !== wanted.filters.join('\n')) {
    const parent = ['parent', tree.root.handle];
    if (present.filters.length > 0) commands.push(['filter', 'delete', 'dev', dev, ...parent]);
    commands.push(...tree.filters.map((filter) => filterCommand(dev, parent, filter)));
  }
  return commands;
}
