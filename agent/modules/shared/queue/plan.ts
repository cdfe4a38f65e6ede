import type { Action, Plan, Step } from '../../module.ts';
import { placed } from '../place.ts';
import { changesInPlace } from './change.ts';
import { type Form, isDefault } from './form.ts';
import type { Filter } from './params.ts';
import type { Device } from './read.ts';
import { type Command, filterCommand, type Tree, treeCommands } from './tree.ts';

/** Filters of both ways, which hang beside the root. */
export interface Hooks {
  readonly ingress: readonly Filter[];
  readonly egress: readonly Filter[];
}

/** `undefined`: the task leaves it alone. `null`: the kernel's own, or nothing. */
export interface Wish extends Device {
  readonly tree: Tree | null | undefined;
  readonly hooks: Hooks | null | undefined;
}

export interface Current {
  readonly present: Form;
  /** How tc shows what is wanted. */
  readonly wanted: Form;
  /** Commands that bring back what is at the root; none for the kernel's own; undefined: not known. */
  readonly treeBack: readonly Command[] | undefined;
  /** The same for the filters of both ways. */
  readonly hooksBack: readonly Command[] | undefined;
  readonly ownsTree: boolean;
  readonly ownsHooks: boolean;
}

export function treeObject({ netns, dev }: Device): string {
  return `qdisc ${placed(netns, dev)} root`;
}

export function hooksObject({ netns, dev }: Device): string {
  return `qdisc ${placed(netns, dev)} clsact`;
}

const hookCommand = (dev: string, hook: string): Command => ['qdisc', 'add', 'dev', dev, hook];

export function hookCommands(hooks: Hooks, dev: string): readonly Command[] {
  const both = ['ingress', 'egress'] as const;
  const add = both.flatMap((way) => hooks[way].map((filter) => filterCommand(dev, [way], filter)));
  return [hookCommand(dev, 'clsact'), ...add];
}

function treeText(form: Form): string {
  return [...form.qdiscs.map(({ text }) => text), ...form.classes.map(({ text }) => text), ...form.filters].join('\n');
}

function hooksText(form: Form): string {
  const ways = (['ingress', 'egress'] as const).flatMap((way) =>
    form[way].map((filter) => filter.replace('filter', `filter ${way}`)),
  );
  return form.hook === undefined ? '' : [`qdisc ${form.hook}`, ...ways].join('\n');
}

/** The kernel's own choice for the root, whatever it is, is one and the same wish. */
const rootText = (form: Form) => (isDefault(form) ? '' : treeText(form));

/** What a wish is about. */
export function queueObjects(wish: Wish): string[] {
  return [
    ...(wish.tree === undefined ? [] : [treeObject(wish)]),
    ...(wish.hooks === undefined ? [] : [hooksObject(wish)]),
  ];
}

function treeSteps(wish: Wish, current: Current): Step[] {
  const { netns, dev, tree } = wish;
  const { present, wanted, treeBack = [] } = current;
  if (tree === undefined || rootText(present) === rootText(wanted)) return [];
  const tc = { op: 'tc', netns, dev } as const;
  const object = treeObject(wish);
  const undo: Action[] = [{ ...tc, clear: 'root', commands: treeBack }];
  if (tree === null) return [{ object, action: { ...tc, clear: 'root', commands: [] }, undo, removes: true }];
  if (isDefault(present)) return [{ object, action: { ...tc, commands: treeCommands(tree, dev) }, undo }];
  const commands = changesInPlace(tree, dev, present, wanted);
  if (commands !== undefined) return [{ object, action: { ...tc, commands }, undo }];
  return [{ object, action: { ...tc, clear: 'root', commands: treeCommands(tree, dev) }, undo }];
}

function hooksSteps(wish: Wish, { present, wanted, hooksBack = [] }: Current): Step[] {
  const { netns, dev, hooks } = wish;
  if (hooks === undefined || hooksText(present) === hooksText(wanted)) return [];
  const tc = { op: 'tc', netns, dev } as const;
  const object = hooksObject(wish);
  const was = present.hook === 'ingress' ? 'ingress' : 'clsact';
  const clear = { ...tc, clear: 'clsact', commands: [] } as const;
  const undo: Action[] = [{ ...clear, commands: hooksBack }];
  if (hooks === null) return [{ object, action: { ...clear, clear: was }, undo, removes: true }];
  if (present.hook === undefined) return [{ object, action: { ...tc, commands: hookCommands(hooks, dev) }, undo }];
  return [{ object, action: { ...tc, clear: was, commands: hookCommands(hooks, dev) }, undo }];
}

function warnings(
  wish: Wish,
  { present, treeBack, hooksBack, ownsTree, ownsHooks }: Current,
  steps: readonly Step[],
): string[] {
  const changes = (object: string) => steps.some((step) => step.object === object);
  const found: string[] = [];
  if (changes(treeObject(wish)) && !ownsTree && treeBack === undefined) {
    const [first] = present.qdiscs;
    found.push(`destroy cannot bring back ${first?.key} with all that hangs there: it leaves the kernel's own choice`);
  }
  if (changes(hooksObject(wish)) && !ownsHooks && hooksBack === undefined) {
    found.push('destroy cannot bring back the filters that were there before');
  }
  return found;
}

export function planQueueing(wish: Wish, current: Current): Plan {
  const steps = [...treeSteps(wish, current), ...hooksSteps(wish, current)];
  const text = (form: Form) =>
    [...(wish.tree === undefined ? [] : [rootText(form)]), ...(wish.hooks === undefined ? [] : [hooksText(form)])]
      .filter((part) => part !== '')
      .join('\n');
  const shown = (form: Form) => (text(form) === '' ? '' : `${text(form)}\n`);
  return {
    steps,
    before: shown(current.present),
    after: shown(current.wanted),
    warnings: warnings(wish, current, steps),
  };
}
