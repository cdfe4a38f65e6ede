import { OrchError } from '../../../proto/errors.ts';
import { Status } from '../../../proto/gen/orch/v1/agent.ts';
import { type Action, type ConvergeModule, mayBeMade, type Plan, type Step } from '../../modules/module.ts';
import { placed } from '../../modules/shared/place.ts';
import { refuseConflicts } from '../books/conflict.ts';
import type { Bookkeeping } from '../books/ledger-entry.ts';
import { sharedWishes } from '../books/sharing.ts';
import { leave, takeOver } from '../books/take-over.ts';
import { lossesOf } from '../check/imagined-losses.ts';
import { sparedBy, withLosses, withQueueing } from '../losses/losses.ts';
import { writtenAlong } from '../losses/written-along.ts';
import { describeActions } from '../steps/describe.ts';
import { observedGuard } from '../steps/guard.ts';
import { moveOf } from '../steps/moved-links.ts';
import { otherEnds } from '../steps/other-ends.ts';
import { refuseTakenNames, withTakenName } from '../steps/taken-names.ts';
import { unlessRefused } from '../steps/unless-refused.ts';
import { removedLink } from '../steps/vanish.ts';
import { followBrokenOff } from '../undo/broken-off.ts';
import { requireNeeds } from './needs.ts';
import { abortReason } from './patience.ts';
import { renderState } from './render.ts';
import { shownDiff } from './shown-diff.ts';
import type { ItemContext, ItemOutcome } from './task-context.ts';

/**
 * Leads one part of the host to the wanted state: read, plan, apply, read again, and the new plan must be empty.
 * Check mode stops after the plan. Throws OrchError.
 */
export async function converge<P, C>(
  module: ConvergeModule<P, C>,
  params: P,
  context: ItemContext,
): Promise<ItemOutcome> {
  const { store, persist } = context;
  if (persist !== undefined) context.wishes.require();
  const others = store.others(context.lab);
  const ledger = store.ledger(context.lab);
  let seen: C | undefined;
  const look = async (acted = false) => {
    const current = await module.read(params, context.view, seen, acted);
    seen = current;
    // Most labs are alone on their hosts, and gone when those are started anew.
    const alone = others.length === 0 && persist === undefined && !context.check;
    const objects = alone ? [] : module.objects(params, current);
    return { plan: module.plan(params, current), objects, shared: sharedWishes(objects, ledger, others) };
  };
  const done = ({ plan, objects }: { plan: Plan; objects: readonly string[] }, changed: boolean) => {
    persist?.(objects);
    return outcome(plan, changed, context.diff);
  };
  const foreseen =
    others.length === 0 && persist === undefined ? context.foresight?.newThing(context.item, ledger) : undefined;
  const first = foreseen === undefined ? await look() : { plan: foreseen, objects: [], shared: [] };
  if (context.check) {
    const { plan, changed } = await predict(module, params, first, context);
    return done({ ...first, plan }, changed);
  }
  const idle = first.shared.length === 0 && (first.plan.asides ?? []).length === 0;
  if (first.plan.steps.length === 0 && idle) return done(first, false);
  if (first.plan.steps.length > 0) await requireNeeds(module.name, module.needs?.(params) ?? [], context.host);
  // What comes from afar is not waited for while others wait for this.
  for (const { action } of first.plan.steps) await arrived(action, context);
  return context.changing.run(async (waited) => {
    let found = waited ? await look() : first;
    for (const action of found.plan.asides ?? []) await context.host.apply(action, context.signal);
    try {
      await carryOut(found.plan.steps, context);
    } catch (error) {
      if (found.plan !== foreseen) throw error;
      // It is not as it was foreseen.
      found = await look();
      await carryOut(found.plan.steps, context);
    }
    const { plan, objects } = found;
    // The host is another one now than tasks in check mode took it for.
    const { promises, imagined, kernel, planned } = context;
    if (plan.steps.length > 0) for (const guess of [promises, imagined, kernel, planned]) guess.clear();
    await ledger.wish(context, sharedWishes(objects, ledger, others));
    if (plan.steps.length === 0) return done(found, false);
    const { plan: again } = await look(true);
    if (module.repeats?.(params) !== true) verify(module.name, again);
    // What only the host as it is now can tell, such as the public half of a key that was made there.
    return done({ plan: { ...plan, result: { ...again.result, ...plan.result } }, objects }, true);
  });
}

/** What the plan comes to after the tasks before it, were it carried out; the tasks behind it find it so. */
async function predict<P, C>(
  module: ConvergeModule<P, C>,
  params: P,
  { plan, objects }: { plan: Plan; objects: readonly string[] },
  context: ItemContext,
): Promise<{ plan: Plan; changed: boolean }> {
  const makes = module.makes?.(params);
  const present = makes && makes.length > 0;
  const asItIs = { plan, changed: plan.steps.length > 0, removed: [] };
  const repeats = module.repeats?.(params) === true;
  const links = plan.steps.some(({ removes }) => removes) ? undefined : context.planned.links;
  const remaining = repeats ? asItIs : context.planned.take(plan, { objects, present });
  if (!remaining.changed) return remaining;
  await requireNeeds(module.name, module.needs?.(params) ?? [], context.host);
  refuseConflicts(remaining.plan.steps, context, context.store.others(context.lab));
  if (links !== undefined) await refuseTakenNames(remaining.plan.steps, links, context.view);
  const losses = await lossesOf(remaining.plan.steps, context.view, context.planned);
  context.planned.lose(losses);
  context.kernel.note(remaining.plan.steps, { links: await otherEnds(remaining.plan.steps, context.view), losses });
  const moves = remaining.plan.steps.flatMap(({ action }) => moveOf(action) ?? []);
  for (const move of moves) context.planned.move(move);
  const left = moves.map(({ from }) => `link ${placed(from.netns, from.name)}`);
  context.promises.withdraw([...remaining.removed, ...left]);
  context.promises.add(makes ?? []);
  const isMade = (folder: string) => mayBeMade(folder, context.view);
  for (const { action } of plan.steps) if (action.op === 'file') await context.imagined.apply(action.file, isMade);
  const foreseen = await context.safety.foresee(remaining.plan.steps);
  if (foreseen.length === 0) return remaining;
  return { ...remaining, plan: { ...remaining.plan, warnings: [...(remaining.plan.warnings ?? []), ...foreseen] } };
}

/** Carries out what a running module has planned. True when that was a change. */
export async function carryOutPlan({ steps }: Plan, context: ItemContext): Promise<boolean> {
  if (steps.length > 0) await context.changing.run(() => carryOut(steps, context));
  return steps.length > 0;
}

function outcome(plan: Plan, changed: boolean, diff: boolean): ItemOutcome {
  return {
    status: changed ? Status.CHANGED : Status.OK,
    result: { ...plan.result, changed },
    diff: diff ? shownDiff(plan) : undefined,
    warnings: plan.warnings ?? [],
  };
}

/** Writes the inverses down, then carries the steps out in order. */
async function carryOut(steps: readonly Step[], context: ItemContext): Promise<void> {
  if (steps.length === 0) return;
  const { journal, store } = context;
  const ledger = store.ledger(context.lab);
  const others = store.others(context.lab);
  refuseConflicts(steps, context, others);
  // Nothing waits for what can't be read or written.
  await unlessRefused(() => followBrokenOff(store, context.host));
  await store.snapshot(context.lab).cover(steps, context.host, ledger);
  const taken = await takeOver(steps, { ledger, journal }, others);
  const begun = new Set<string>();
  try {
    await carryOutNoted(steps, context, begun);
  } catch (error) {
    const untouched = taken.filter(({ object }) => !begun.has(object));
    leave(untouched, ledger, (lab) => store.living(lab));
    throw error;
  }
}

/** `begun` is told of the objects that may have been changed. */
async function carryOutNoted(steps: readonly Step[], context: ItemContext, begun: Set<string>): Promise<void> {
  const { journal, safety } = context;
  const ledger = context.store.ledger(context.lab);
  await safety.beforeSteps(steps);
  const noted = await withLosses(steps, context.host, journal);
  await context.foresight?.before({ ...context, ledger }, steps, noted);
  const booked = withQueueing(steps, noted);
  // Side by side: each waits for the disk.
  const [notes, books] = await Promise.all([journal.intend(noted, ledger), ledger.intend(context, booked)]);
  const mark = async (at: number, step: Step) => {
    const guard = await observedGuard(step, context.host);
    const sysctls = noted[at] && (await writtenAlong(noted[at], context.host));
    ledger.done(books[at] ?? unrecorded, guard);
    journal.done(notes[at], guard, sysctls);
  };
  const marks: Promise<void>[] = [];
  try {
    for (const [at, step] of steps.entries()) {
      try {
        if (context.signal.aborted) throw abortReason(context.signal);
        if (partial.includes(step.action.op)) begun.add(step.object);
        const action = await arrived(step.action, context);
        await context.host.apply(asUser(action, context.filesAs), context.signal);
        begun.add(step.object);
      } catch (error) {
        if (isGoneAlready(step.action, error)) {
          ledger.withdraw(books.slice(at, at + 1));
          journal.forget(notes.slice(at, at + 1));
          continue;
        }
        const from = partial.includes(step.action.op) ? at + 1 : at;
        ledger.withdraw(books.slice(from));
        journal.forget(notes.slice(from));
        throw withNeed(await withTakenName(error, step, context.host), step.needs);
      }
      // The next step need not wait for what is asked about this one, unless it may write the same.
      const marked = mark(at, step);
      marks.push(marked);
      marked.catch(() => undefined);
      if (noted[at]?.sysctls) await marked;
    }
  } finally {
    await Promise.all(marks);
    // Else it is noted for more than was lost.
    await unlessRefused(async () => {
      for (const [at, spared] of (await sparedBy(steps, noted, context.host)).entries())
        journal.spare(notes[at], spared);
    });
  }
}

/** A link that was to go went by itself meanwhile, as one does a moment after the namespace that its other end was in. */
function isGoneAlready(action: Action, error: unknown): boolean {
  return removedLink(action) !== undefined && error instanceof OrchError && error.code === 'missing-object';
}

/** An action whose content the workstation has sent. */
async function arrived(action: Action, { view }: ItemContext): Promise<Action> {
  if (action.op !== 'file' || action.file.do !== 'write' || typeof action.file.content === 'string') return action;
  const { content } = action.file;
  return { ...action, file: { ...action.file, content: { ...content, at: { file: await view.fileWith(content) } } } };
}

/** What is done is the task's user's; what takes it back is root's, whatever became of that user. */
export function asUser(action: Action, runAs: string | undefined): Action {
  return action.op === 'file' && runAs !== undefined ? { ...action, runAs } : action;
}

/** A refusal of the host, with what it would have needed. */
function withNeed(error: unknown, needs: string | undefined): unknown {
  if (needs === undefined || !(error instanceof OrchError) || error.code !== 'unsupported-by-host') return error;
  const { code, summary, detail } = error;
  return new OrchError({ code, summary, detail, hint: `It needs ${needs}.`, cause: error });
}

/** What failed may have changed things before; every other action is all or nothing. */
const partial: readonly Action['op'][] = ['exec', 'tc', 'daemon'];

const unrecorded: Bookkeeping = { fresh: false, drops: [] };

function verify(name: string, again: Plan): void {
  const left = again.steps.filter(({ mayStay }) => !mayStay);
  if (left.length === 0) return;
  throw new OrchError({
    code: 'verify-failed',
    summary: `${name} made its change, but the host still differs: ${left.map((step) => step.object).join(', ')}.`,
    detail: `It would still take: ${describeActions(left.map((step) => step.action))}\nis:\n${renderState(again.before)}wanted:\n${renderState(again.after)}`,
    hint: 'Something else on the host may be changing it back (NetworkManager, systemd-networkd, another playbook).',
  });
}
