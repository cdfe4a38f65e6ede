import { lstat, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { module } from '../../agent/modules/copy.ts';
import { heldBytes } from '../../agent/modules/module.ts';
import { type CopyParams, copyParams } from '../../agent/modules/shared/files/copy-params.ts';
import type { Change } from '../report/types.ts';
import { use } from '../source/used-files.ts';
import { pythonJson } from '../template/python/json.ts';
import { str } from '../template/python/text.ts';
import { type ActionContext, type ActionResult, defineAction, saidOf } from './action.ts';

/** As Python's json.dumps, which Ansible uses. */
function jsonText(content: unknown): string {
  return pythonJson(content, { indent: undefined, sortKeys: false, ascii: true });
}

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o7777;
}

/** Whether a link stays one: it is not to be followed, leads nowhere, or to a folder that it is in. */
async function staysLink(path: string, follow: boolean, above: readonly string[]): Promise<boolean> {
  if (!(await lstat(path)).isSymbolicLink()) return false;
  const end = follow ? await realpath(path).catch(() => undefined) : undefined;
  return end === undefined || above.includes(end);
}

/** All that is in a folder, folders before what is in them. */
async function treeOf(
  folder: string,
  { decrypt, local_follow = true }: CopyParams,
  context: ActionContext,
): Promise<NonNullable<CopyParams['tree']>> {
  const entries: NonNullable<CopyParams['tree']> = [];
  const pending = [{ inside: folder, above: [await realpath(folder)] }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { inside, above } = next;
    for (const name of (await readdir(use(inside))).sort()) {
      const path = join(inside, name);
      if (await staysLink(path, local_follow, above)) {
        entries.push({ path: relative(folder, path), mode: 0o777, link: await readlink(path) });
        continue;
      }
      const state = await stat(path);
      const entry = { path: relative(folder, path), mode: state.mode & 0o7777 };
      if (state.isDirectory()) {
        entries.push(entry);
        pending.push({ inside: path, above: [...above, await realpath(path)] });
      } else if (state.isFile()) {
        const sent = await context.sendSource(path, 'files', decrypt);
        entries.push({ ...entry, ...sent.params });
      }
    }
  }
  return entries;
}

/** Has the agent copy a content, a text as such where it is not large. */
export async function copied(
  params: Readonly<Record<string, unknown>>,
  content: string | Buffer,
  context: Pick<ActionContext, 'agent' | 'send'>,
): Promise<ActionResult> {
  const bytes = Buffer.from(content);
  const sent = context.send(bytes);
  const plain = typeof content === 'string' && bytes.length <= heldBytes;
  return copiedAs(plain ? { ...sent, params: { content } } : sent, params, context);
}

/** Heads the new text of a diff by the file that it comes from, as Ansible does. */
export async function comparedWith(source: string, work: Promise<ActionResult>): Promise<ActionResult> {
  const { diff, ...done } = await work;
  const from = (part: Change) => (part.afterPath === undefined ? part : { ...part, afterPath: source });
  return { ...done, diff: diff?.map(from) };
}

/** A failure, too, tells what the content would have been. */
async function copiedAs(
  { params: content, sha1 }: { params: object; sha1: string },
  params: Readonly<Record<string, unknown>>,
  context: Pick<ActionContext, 'agent'>,
): Promise<ActionResult> {
  const done = await context.agent('copy', { ...params, ...content });
  return done.status === 'failed' ? { ...done, result: { checksum: sha1, ...done.result } } : done;
}

export const action = defineAction({
  ...saidOf(module),
  params: copyParams.refine(({ src, content }) => src === undefined || content === undefined, {
    path: ['src'],
    message: 'src and content are mutually exclusive',
  }),
  ahead: true,
  run: async (params, context) => {
    const { content, ...others } = params;
    // A boolean is what Python prints.
    if (content !== undefined)
      return copied(others, typeof content === 'object' ? jsonText(content) : str(content), context);
    if (params.src === undefined || params.remote_src) return context.agent('copy', params);
    const found = context.findSource(params.src, 'files');
    if ((await stat(found)).isDirectory()) {
      const src = `${basename(found)}${params.src.endsWith('/') ? '/' : ''}`;
      const done = await context.agent('copy', { ...params, src, tree: await treeOf(found, params, context) });
      if (done.status === 'failed') return done;
      const { changed } = done.result;
      return {
        ...done,
        result: {
          changed,
          dest: `${params.dest.replace(/\/*$/, '')}/`,
          src: found + (params.src.endsWith('/') ? '/' : ''),
        },
      };
    }
    const { path, ...sent } = await context.sendSource(params.src, 'files', params.decrypt);
    const mode = params.mode === 'preserve' ? await modeOf(path) : params.mode;
    // The name alone, for a dest that is a folder.
    return comparedWith(path, copiedAs(sent, { ...params, mode, src: basename(path) }, context));
  },
});
