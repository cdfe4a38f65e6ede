import type { Host } from '../../../linux/host.ts';
import { type Form, formOf, isDefault } from './form.ts';
import { wordsOf } from './params.ts';
import { type Current, hookCommands, hooksObject, planQueueing, treeObject, type Wish } from './plan.ts';
import { builtForm, nothingShown, showQueueing } from './read.ts';
import { restoringCommands, restoringHooks } from './restore.ts';
import { canonicalId, treeCommands } from './tree.ts';

/** Reads what hangs at a device, and how tc would show what is wanted. */
export async function readQueueing(host: Host, wish: Wish): Promise<Current> {
  const { dev, tree, hooks } = wish;
  const owned = { ownsTree: host.owns(treeObject(wish)), ownsHooks: host.owns(hooksObject(wish)) };
  const shown = (await showQueueing(host, wish)) ?? nothingShown;
  const named = (handle: string) => {
    const qdiscs = tree ? [tree.root, ...tree.qdiscs] : [];
    const found = qdiscs.find((qdisc) => canonicalId(qdisc.handle) === handle);
    return found === undefined ? [] : wordsOf(found.options);
  };
  const present = formOf(shown, named);
  const current = (wanted: Form): Current => ({
    ...{ present, wanted, treeBack: [], hooksBack: [], ...owned },
  });
  const commands = [...(tree ? treeCommands(tree, dev) : []), ...(hooks ? hookCommands(hooks, dev) : [])];
  const settled = (form: Form) => planQueueing(wish, current(form)).steps.length === 0;
  const wanted = commands.length === 0 ? formOf(nothingShown) : await builtForm(host, wish, commands, named, settled);
  if (settled(wanted)) return current(wanted);
  const whole = formOf(shown);
  return {
    ...current(wanted),
    treeBack: tree === undefined || isDefault(present) ? [] : await restoringCommands(host, wish, whole),
    hooksBack: hooks === undefined || present.hook === undefined ? [] : await restoringHooks(host, wish, whole),
  };
}
