import { OrchError } from '../../../proto/errors.ts';
import type { Action } from '../../linux/action.ts';
import type { Step } from '../../modules/module.ts';
import { deleteLink } from '../../modules/shared/link/actions.ts';
import { sysctlPaths } from '../../modules/shared/sysctl.ts';
import { moveOf } from '../steps/moved-links.ts';
import { ipWords, sysctlOf } from '../steps/touched.ts';
import { removalsOf, vanishesWith } from '../steps/vanish.ts';
import type { Ledger } from './ledger.ts';
import { isWish, type LedgerEntry } from './ledger-entry.ts';
import { mayTakeOver } from './take-over.ts';

/**
 * Throws OrchError 'lab-conflict' when a step would change what another lab owns and keeps to itself: the same object, the same sysctl by
 * whichever name, the same address on another link, or what the other's things are inside of; or would move its link away.
 */
export function refuseConflicts(steps: readonly Step[], by: Wisher, others: readonly Ledger[]): void {
  for (const { lab: other, entries } of others) {
    for (const step of steps) {
      const entry = entries.find((each) => meets(step, each) && !mayTakeOver(step, each));
      if (entry !== undefined) throw conflict(step, by, other, entry);
    }
  }
}

/** Who asks for the steps. */
interface Wisher {
  readonly lab: string;
  /** file:line:column of the task. */
  readonly where: string;
}

function meets(step: Step, entry: LedgerEntry): boolean {
  if (entry.object === step.object) return true;
  const key = identity(step.action);
  const from = moveOf(step.action)?.from;
  const removals = from === undefined ? removalsOf(step) : [deleteLink(from.netns, from.name)];
  return entry.undo.some(
    (undo) => (key !== undefined && identity(undo) === key) || removals.some((removal) => vanishesWith(undo, removal)),
  );
}

/** What there is only one of in a namespace, whatever the task calls it. */
function identity(action: Action): string | undefined {
  if (action.op === 'sysctl') {
    const path = sysctlOf(action) ?? '';
    return `sysctl ${action.netns ?? ''} ${sysctlPaths(path)[0]}`;
  }
  if (action.op !== 'ip') return undefined;
  const [object = '', verb = '', address = ''] = ipWords(action.args);
  const sets = ['add', 'replace', 'delete', 'del'].includes(verb);
  if (object === '' || !'address'.startsWith(object) || !sets || isLinkLocal(address)) return undefined;
  return `address ${action.netns ?? ''} ${address.split('/')[0]}`;
}

/** Each link may have the same. */
function isLinkLocal(address: string): boolean {
  return /^(fe[89ab]|169\.254\.)/i.test(address);
}

function conflict(step: Step, { lab, where }: Wisher, other: string, entry: LedgerEntry): OrchError {
  const { object, run } = entry;
  const [mine, theirs] = [`${step.object} of lab ${lab}`, `lab ${other} since its run ${run}`];
  const summary = isWish(entry)
    ? `${step.object} is shared with ${theirs}; lab ${lab} may not change it.`
    : object === step.object
      ? `${object} belongs to ${theirs}; lab ${lab} may not change it.`
      : `${mine} would meet ${object}, which belongs to ${theirs}.`;
  const places = Object.entries({ [lab]: where, [other]: entry.where }).filter(([, place]) => place);
  return new OrchError({
    code: 'lab-conflict',
    summary,
    detail: places.map(([name, place]) => `lab ${name}: ${place}`).join('\n') || undefined,
    hint: `Destroy lab ${other} first, or choose another name or value here.`,
  });
}
