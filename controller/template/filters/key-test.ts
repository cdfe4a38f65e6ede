import { Fault } from '../fault.ts';
import { findFirst } from '../python/regex.ts';

export type KeyTest = (key: string) => boolean;

/** Which keys a filter on keys means: those that are equal to, start or end with, or begin with what fits `target`. */
export function keyTest(target: string, how: string): KeyTest {
  switch (how) {
    case 'equal':
      return (key) => key === target;
    case 'starts_with':
      return (key) => key.startsWith(target);
    case 'ends_with':
      return (key) => key.endsWith(target);
    case 'regex':
      return (key) => findFirst(target, key, { ignoreCase: false, multiline: false }, 'match') !== undefined;
    default:
      throw new Fault("'matching_parameter' must be 'equal', 'starts_with', 'ends_with' or 'regex'");
  }
}
