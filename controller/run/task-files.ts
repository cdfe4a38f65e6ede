import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { catalog } from '../catalog.ts';
import { parseTasks } from '../playbook/parse-playbook.ts';
import { selectEntries, type TagSelection } from '../playbook/select-tags.ts';
import type { Entry } from '../playbook/types.ts';
import { readSourceFile } from '../source/read-file.ts';
import type { RunContext } from './state.ts';

/** Reads files of tasks for includes, each once, and leaves what the selection of tags leaves. */
export function taskFiles(selection: TagSelection): RunContext['includeTasks'] {
  const parsed = new Map<string, readonly Entry[]>();
  return (path, base, inherited) => {
    const file = resolve(base, path);
    let entries = parsed.get(file);
    if (!entries) {
      entries = parseOrThrow(file);
      parsed.set(file, entries);
    }
    return selectEntries(entries, selection, inherited);
  };
}

function parseOrThrow(file: string): readonly Entry[] {
  const { entries, errors } = parseTasks(file, { readFile: readSourceFile, catalog });
  const [first, ...more] = errors;
  if (!first) return entries;
  const detail = [first.detail ?? [], more.length > 0 ? `and ${more.length} more errors in ${file}` : []].flat();
  throw new OrchError({
    code: first.code,
    summary: first.summary,
    detail: detail.length > 0 ? detail.join('\n') : undefined,
    hint: first.hint,
    where: first.where,
  });
}

/** Reads sources of copy and template: absolute, or beside the file that names them, in its `files/` or `templates/` first. */
export const readSource: RunContext['readSource'] = async (path, folder, from) => {
  const base = dirname(from);
  const candidates = isAbsolute(path) ? [path] : [resolve(base, folder, path), resolve(base, path)];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined) {
    throw new OrchError({
      code: 'file-not-found',
      summary: `No file "${path}".`,
      detail: `Looked for ${candidates.join(' and ')}.`,
    });
  }
  try {
    return { path: found, content: readFileSync(found) };
  } catch (error) {
    throw new OrchError({ code: 'file-not-found', summary: `Cannot read ${found}: ${String(error)}`, cause: error });
  }
};
