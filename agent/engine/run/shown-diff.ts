import type { Diff } from '../../../proto/gen/orch/v1/agent.ts';
import type { Plan } from '../../modules/module.ts';
import { isUnshown, type Unshown } from '../../modules/shared/files/content.ts';
import { renderState } from './render.ts';

const longest = 1_048_576;

/** A diff that says nothing yet. */
export const noDiff: Diff = { before: '', after: '', path: '', afterPath: '', prepared: '' };

/**
 * What --diff shows of a change: a file's text where that changes, of a file that keeps it what else does, else the state. Of
 * several files each is shown by itself.
 */
export function shownDiff({ before, after, inParts = false }: Pick<Plan, 'before' | 'after' | 'inParts'>): Diff[] {
  if (areFiles(before) && areFiles(after)) {
    return before.flatMap((file, nth) => shownDiff({ before: file, after: after[nth], inParts }));
  }
  const text = textDiff(before, after);
  const kept = isFile(before) && isFile(after) && before.path === after.path ? ([before, after] as const) : undefined;
  if (inParts && isFile(after)) {
    const parts = [
      text && headed(text, `${after.path} (content)`),
      kept && headed(attributesDiff(...kept, []), `${after.path} (file attributes)`),
    ];
    return parts.filter((part) => part !== undefined);
  }
  if (text) return [text];
  if (kept) return [attributesDiff(...kept, ['path'])];
  return [{ ...noDiff, before: short(renderState(before)), after: short(renderState(after)) }];
}

type FileView = Readonly<Record<string, unknown>> & { readonly path: string };

function isFile(state: unknown): state is FileView {
  return typeof state === 'object' && state !== null && 'path' in state && typeof state.path === 'string';
}

function areFiles(state: unknown): state is readonly unknown[] {
  return Array.isArray(state) && state.every((one) => fileText(one) !== undefined);
}

function headed(diff: Diff, head: string): Diff {
  return { ...diff, path: head, afterPath: head };
}

/** What of a file changes beside its text, in the form that Ansible has for it; one that comes or goes tells what is in it at most. */
function attributesDiff(before: FileView, after: FileView, always: readonly string[]): Diff {
  const differing = Object.keys(before).filter((key) => key in after && before[key] !== after[key]);
  const both = differing.filter((key) => key !== 'content');
  const told = [...always, ...(both.includes('state') ? ['path_content', 'state'] : both)].sort();
  if (told.length === 0) return noDiff;
  const text = (state: FileView) =>
    `${JSON.stringify(Object.fromEntries(told.flatMap((key) => (key in state ? [[key, state[key]]] : []))), undefined, 4)}\n`;
  return { ...noDiff, before: text(before), after: text(after) };
}

/** How the text of a file changes; undefined: not at all, or there is none. */
function textDiff(before: unknown, after: unknown): Diff | undefined {
  const [old, wanted] = [fileText(before), fileText(after)];
  if (!old || !wanted || (old.path ?? wanted.path) === undefined) return undefined;
  const [from, to] = [old.content, wanted.content];
  if (isUnshown(from) || isUnshown(to)) {
    if (isUnshown(from) && isUnshown(to) && from.sha1 === to.sha1) return undefined;
    const told = [isUnshown(from) ? `destination file ${from.why}` : [], isUnshown(to) ? `source file ${to.why}` : []];
    return {
      ...noDiff,
      prepared: told
        .flat()
        .map((what) => `diff skipped: ${what}\n`)
        .join(''),
    };
  }
  if (from === to) return undefined;
  return { ...noDiff, before: short(from), after: short(to), path: old.path ?? '', afterPath: wanted.path ?? '' };
}

/** A file's content, empty for one that is not there; undefined for the state of something else. */
function fileText(state: unknown): { readonly content: string | Unshown; readonly path?: string } | undefined {
  if (typeof state !== 'object' || state === null) return undefined;
  if ('state' in state && state.state === 'absent') return { content: '' };
  if (!('content' in state && isFile(state))) return undefined;
  const { content, path } = state;
  return typeof content === 'string' || isUnshown(content) ? { content, path } : undefined;
}

/** People read it. */
function short(text: string): string {
  return text.length <= longest ? text : `(${text.length} characters, too many to show)\n`;
}
