import { OrchError } from '../../../../proto/errors.ts';
import { isRefused } from '../../../linux/files/files.ts';

/** What a query tells; undefined where the task's user has no right to ask. */
export async function unlessRefused<T>(query: Promise<T>): Promise<T | undefined> {
  try {
    return await query;
  } catch (error) {
    if (error instanceof OrchError && isRefused(error.cause)) return undefined;
    throw error;
  }
}
