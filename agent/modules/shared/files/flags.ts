import * as z from 'zod';
import type { Host } from '../../../linux/host.ts';
import type { Step } from '../../module.ts';
import { ask, execAction } from '../programs.ts';

/** The `attributes` of modules for files. */
export const flagsField = z
  .string()
  .regex(/^[-+=]?[aAcCdDeFijmPsStTux]*$/, 'is none of the attributes of chattr(1)')
  .optional()
  .describe('Attributes of chattr(1): "+i" to add, "-i" to take away, "i" for these and no others.');

/** Letters of lsattr(1) that the file system sets by itself. */
const byItself = new Set('eEhINVXZB');

async function present(host: Host, path: string): Promise<ReadonlySet<string>> {
  const { status, stdout } = await ask(host, ['lsattr', '-d', path], { runAs: host.runAs });
  const letters = status === 0 ? stdout.split(' ')[0] : '';
  return new Set(letters?.replaceAll('-', ''));
}

/** What gives the file at `path` the attributes that the task says; none where it has them. `there`: whether there is one yet. */
export async function flagSteps(host: Host, path: string, wanted: string | undefined, there: boolean): Promise<Step[]> {
  if (wanted === undefined) return [];
  const has = there ? await present(host, path) : new Set<string>();
  const letters = [...wanted.replace(/^[-+=]/, '')];
  const missing = wanted.startsWith('-') ? [] : letters.filter((letter) => !has.has(letter));
  const exactly = /^[^-+]/.test(wanted) || wanted === '';
  const extra = [...has].filter((letter) =>
    exactly ? !letters.includes(letter) && !byItself.has(letter) : wanted.startsWith('-') && letters.includes(letter),
  );
  if (missing.length === 0 && extra.length === 0) return [];
  const change = (add: readonly string[], remove: readonly string[]) => [
    ...['chattr', ...signed('+', add), ...signed('-', remove)],
    path,
  ];
  // As the task's user may; what takes it back is root's.
  const action = execAction(change(missing, extra), host.runAs === undefined ? {} : { runAs: host.runAs });
  return [{ object: `file ${path}`, part: 'attributes', action, undo: [execAction(change(extra, missing))] }];
}

function signed(sign: string, letters: readonly string[]): string[] {
  return letters.length === 0 ? [] : [`${sign}${letters.join('')}`];
}
