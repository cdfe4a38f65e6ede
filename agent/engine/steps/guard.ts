import { createHash } from 'node:crypto';
import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action } from '../../linux/action.ts';
import type { Step } from '../../modules/module.ts';
import { moveOf } from './moved-links.ts';
import { type LinkName, removedLink } from './vanish.ts';

/** What must still hold on the host for an inverse to be the lab's business. */
export type Guard =
  /** The sysctl still has a value that the lab gave it. */
  | {
      readonly kind: 'sysctl';
      readonly netns?: string | undefined;
      readonly key: string;
      readonly values: readonly string[];
    }
  /** The file still has a content (its sha256) that the lab gave it, or is still as absent as the lab left it. */
  | { readonly kind: 'file'; readonly path: string; readonly values: readonly string[] }
  /** The link of this name is still the one that the lab made or moved there; of the name ".", the namespace is the one that it made. */
  | { readonly kind: 'link'; readonly link: LinkName; readonly index: number };

/** Why an inverse found nothing to undo. */
export const goneReason = 'it is gone';

const absent = 'absent';

/** The guard that is known before the step is carried out. */
export function plannedGuard(action: Action): Guard | undefined {
  if (action.op === 'sysctl') {
    return { kind: 'sysctl', netns: action.netns, key: action.key, values: [words(action.value)] };
  }
  if (action.op !== 'file') return undefined;
  const { file } = action;
  if (file.do === 'write') {
    const { path, content } = file;
    const sum = typeof content === 'string' ? sha256(Buffer.from(content, 'base64')) : content.sums.sha256;
    return { kind: 'file', path, values: [sum] };
  }
  return file.do === 'unlink' ? { kind: 'file', path: file.path, values: [absent] } : undefined;
}

/** While a second change is under way, the host may show the old or the new value. */
export function mergeGuards(old: Guard | undefined, next: Guard | undefined): Guard | undefined {
  if (old === undefined || next === undefined || old.kind === 'link' || next.kind !== old.kind) return next;
  return { ...next, values: [...old.values, ...next.values] };
}

/** What stands for a namespace: no link can be called so (dev_valid_name() in net/core/dev.c). */
const itself = '.';

/** The guard once the step was carried out: a link that it made or moved is known by its index, a namespace by when it was made. */
export async function observedGuard(step: Step, host: ActingHost): Promise<Guard | undefined> {
  const link = step.undo.map(undoneLink).find((each) => each !== undefined);
  if (link === undefined) return plannedGuard(step.action);
  const index = await linkIndex(link, host);
  return index === undefined ? undefined : { kind: 'link', link, index };
}

function undoneLink(undo: Action): LinkName | undefined {
  if (undo.op === 'netns-delete') return netnsAsLink(undo.name);
  return removedLink(undo) ?? moveOf(undo)?.from;
}

/** The guard of a namespace. */
export function isOfNetns(guard: Guard | undefined): boolean {
  return guard?.kind === 'link' && guard.link.name === itself;
}

/** A namespace, as guards know it. */
export function netnsAsLink(netns: string): LinkName {
  return { netns, name: itself };
}

/**
 * Why the inverse must not be carried out; undefined when it may. Where all is as it was before, it may: an agent that was
 * killed had not made its change yet, or had taken it back already.
 */
export async function objection(
  { guard, undo }: { readonly guard?: Guard | undefined; readonly undo: readonly Action[] },
  host: ActingHost,
): Promise<string | undefined> {
  switch (guard?.kind) {
    case undefined:
      return undefined;
    case 'sysctl': {
      const present = await host.sysctl(guard.key, guard.netns);
      if (present === undefined) return goneReason;
      if (guard.values.includes(words(present)) || restored(guard, undo, words(present))) return undefined;
      return `it is ${words(present)} now and the lab had set ${guard.values.at(-1)}: changed by someone else`;
    }
    case 'file': {
      const present = (await host.digest(guard.path, ['sha256']))?.sums.sha256 ?? absent;
      if (guard.values.includes(present) || restored(guard, undo, present)) return undefined;
      return present === absent ? goneReason : 'its content was changed by someone else';
    }
    case 'link': {
      const index = await linkIndex(guard.link, host);
      if (index === undefined) return goneReason;
      const kind = isOfNetns(guard) ? 'namespace' : 'link';
      return index === guard.index ? undefined : `someone else made another ${kind} of this name`;
    }
  }
}

/** True when the inverse would set just this value. */
function restored(of: Guard & { kind: 'sysctl' | 'file' }, undo: readonly Action[], present: string): boolean {
  return undo.map(plannedGuard).some((guard) => {
    if (guard?.kind === 'sysctl') return of.kind === 'sysctl' && guard.key === of.key && guard.values.includes(present);
    return guard?.kind === 'file' && of.kind === 'file' && guard.path === of.path && guard.values.includes(present);
  });
}

/** The index of the link that has this name now; undefined when there is none. */
export async function linkIndex(link: LinkName, host: ActingHost): Promise<number | undefined> {
  if (link.name === itself) return host.netnsMade(link.netns ?? '');
  const reply = await host.ip(['link', 'show', 'dev', link.name], link.netns);
  const index = reply.rows[0]?.ifindex;
  return typeof index === 'number' ? index : undefined;
}

/** The kernel separates several values by tabs, people by blanks. */
function words(value: string): string {
  return value.trim().split(/\s+/).join(' ');
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
