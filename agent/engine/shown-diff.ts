import type { Diff } from '../../proto/gen/orch/v1/agent.ts';
import type { Plan } from '../modules/module.ts';
import { renderState } from './render.ts';

const longest = 1_048_576;

/** What --diff shows of a change: a file's text where that changes, else the state. */
export function shownDiff({ before, after }: Pick<Plan, 'before' | 'after'>): Diff {
  const [old, wanted] = [fileText(before), fileText(after)];
  const path = old?.path ?? wanted?.path;
  if (path !== undefined && old !== undefined && wanted !== undefined && old.text !== wanted.text) {
    return { before: short(old.text), after: short(wanted.text), path };
  }
  return { before: short(renderState(before)), after: short(renderState(after)), path: '' };
}

/** A file's text, empty for one that is not there; undefined for the state of something else. */
function fileText(state: unknown): { readonly text: string; readonly path?: string } | undefined {
  if (typeof state !== 'object' || state === null) return undefined;
  if ('state' in state && state.state === 'absent') return { text: '' };
  const { content, path } = state as { readonly content?: unknown; readonly path?: unknown };
  return typeof content === 'string' && typeof path === 'string' ? { text: content, path } : undefined;
}

/** People read it. */
function short(text: string): string {
  return text.length <= longest ? text : `(${text.length} characters, too many to show)\n`;
}
