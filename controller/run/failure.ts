import type { FilePlace, OrchError } from '../../proto/errors.ts';
import type { Failure } from '../report/types.ts';

/** An error as a host's failure. */
export function failureOf(error: OrchError, task?: { readonly name: string; readonly at: FilePlace }): Failure {
  const { code, summary, detail, hint, where } = error;
  const at = where && 'file' in where ? where : task?.at;
  return {
    code,
    summary,
    ...(detail === undefined ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
    ...(task === undefined ? {} : { task: task.name }),
    ...(at === undefined ? {} : { at }),
  };
}
