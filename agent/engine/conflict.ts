import { OrchError } from '../../proto/errors.ts';
import type { Action } from '../linux/action.ts';
import type { Step } from '../modules/module.ts';
import type { Ledger } from './ledger.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { ipWords, sysctlOf } from './snapshot/touched.ts';
import { vanishesWith } from './vanish.ts';

/**
 * Throws OrchError 'lab-conflict' when a step would change what another lab owns: the same object, the same sysctl by
 * whichever name, the same address on another link, or what the other's things are inside of.
 */
export function refuseConflicts(steps: readonly Step[], lab: string, others: readonly Ledger[]): void {
  for (const { lab: other, entries } of others) {
    for (const step of steps) {
      const entry = entries.find((each) => meets(step, each));
      if (entry !== undefined) throw conflict(step, lab, other, entry);
    }
  }
}

function meets(step: Step, entry: LedgerEntry): boolean {
  if (entry.object === step.object) return true;
  const key = identity(step.action);
  return entry.undo.some((undo) => (key !== undefined && identity(undo) === key) || vanishesWith(undo, step.action));
}

/** What there is only one of in a namespace, whatever the task calls it. */
function identity(action: Action): string | undefined {
  if (action.op === 'sysctl') {
    const path = sysctlOf(action) ?? '';
    return `sysctl ${action.netns ?? ''} ${synonyms[path] ?? path}`;
  }
  if (action.op !== 'ip') return undefined;
  const [object = '', verb = '', address = ''] = ipWords(action.args);
  const sets = ['add', 'replace', 'delete', 'del'].includes(verb);
  if (object === '' || !'address'.startsWith(object) || !sets || isLinkLocal(address)) return undefined;
  return `address ${action.netns ?? ''} ${address.split('/')[0]}`;
}

/** Two names of one variable (net/ipv4/devinet.c). */
const synonyms: Readonly<Record<string, string>> = { 'net/ipv4/ip_forward': 'net/ipv4/conf/all/forwarding' };

/** Each link may have the same. */
function isLinkLocal(address: string): boolean {
  return /^(fe[89ab]|169\.254\.)/i.test(address);
}

function conflict(step: Step, lab: string, other: string, entry: LedgerEntry): OrchError {
  const same = entry.object === step.object;
  return new OrchError({
    code: 'lab-conflict',
    summary: same
      ? `${step.object} belongs to lab ${other} since its run ${entry.run}; lab ${lab} may not change it.`
      : `${step.object} of lab ${lab} would meet ${entry.object}, which belongs to lab ${other} since its run ${entry.run}.`,
    hint: `Destroy lab ${other} first, or choose another name or value here.`,
  });
}
