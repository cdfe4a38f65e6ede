import type { Diff } from '../../proto/gen/orch/v1/agent.ts';
import type { Plan } from '../modules/module.ts';
import { renderState } from './render.ts';

const longest = 1_048_576;

/** What --diff shows of a change: a file's text where that changes, of a file that keeps it what else does, else the state. */
export function shownDiff({ before, after }: Pick<Plan, 'before' | 'after'>): Diff {
  const [old, wanted] = [fileText(before), fileText(after)];
  const path = old?.path ?? wanted?.path;
  if (path !== undefined && old !== undefined && wanted !== undefined && old.text !== wanted.text) {
    return { before: short(old.text), after: short(wanted.text), path };
  }
  if (isFile(before) && isFile(after) && before.path === after.path) return attributesDiff(before, after);
  return { before: short(renderState(before)), after: short(renderState(after)), path: '' };
}

type FileView = Readonly<Record<string, unknown>> & { readonly path: string };

function isFile(state: unknown): state is FileView {
  return typeof state === 'object' && state !== null && 'path' in state && typeof state.path === 'string';
}

/** What of a file changes alone, in the form that Ansible has for it; one that comes or goes tells what is in it at most. */
function attributesDiff(before: FileView, after: FileView): Diff {
  const both = Object.keys(before).filter((key) => key in after && before[key] !== after[key]);
  const told = ['path', ...(both.includes('state') ? ['path_content', 'state'] : both)].sort();
  const text = (state: FileView) =>
    `${JSON.stringify(Object.fromEntries(told.flatMap((key) => (key in state ? [[key, state[key]]] : []))), undefined, 4)}\n`;
  return { before: text(before), after: text(after), path: '' };
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
