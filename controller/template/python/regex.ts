import * as regex from '../../../proto/regex.ts';
import { Fault } from '../fault.ts';

export type { Match } from '../../../proto/regex.ts';

/** Regular expressions whose problems are the template's. */
export const findAll: typeof regex.findAll = (...args) => asFault(() => regex.findAll(...args));
export const findFirst: typeof regex.findFirst = (...args) => asFault(() => regex.findFirst(...args));
export const expand: typeof regex.expand = (...args) => asFault(() => regex.expand(...args));
export const groupOf: typeof regex.groupOf = (...args) => asFault(() => regex.groupOf(...args));

function asFault<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof regex.RegexProblem) throw new Fault(error.message, { hint: error.hint });
    throw error;
  }
}
