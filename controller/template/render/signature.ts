import { Fault } from '../fault.ts';
import type { Given } from '../python/values.ts';
import { didYouMean } from '../suggest.ts';

/** What a function, filter, test or method takes. */
export interface Signature {
  readonly names: readonly string[];
  readonly required: number;
  /** How many of the names may be given by position: those before `*rest`. */
  readonly byPosition: number;
  /** Takes any number of arguments without name (`*rest`), given as one list after all names. */
  readonly rest: boolean;
  /** Takes any names (`**options`), given as one map at the end. */
  readonly options: boolean;
}

/** Reads `'old, new, count?, *rest, **options'`; `?` marks what may be left out. */
export function signature(text: string): Signature {
  const parts = text === '' ? [] : text.split(', ');
  const plain = parts.filter((part) => !part.startsWith('*'));
  const rest = parts.findIndex((part) => /^\*\w/.test(part));
  return {
    byPosition: rest < 0 ? plain.length : rest,
    names: plain.map((part) => part.replace('?', '')),
    required: plain.filter((part) => !part.endsWith('?')).length,
    rest: rest >= 0,
    options: parts.some((part) => part.startsWith('**')),
  };
}

/**
 * The arguments of a call in the order of the signature; undefined where one was left out. The list of
 * `*rest` and the map of `**options` come last. Throws for what does not fit.
 */
export function bind(what: string, { names, required, byPosition, rest, options }: Signature, given: Given): unknown[] {
  const { positional, named } = given;
  if (!rest && positional.length > byPosition) {
    const limit = byPosition === 0 ? 'no arguments' : `at most ${byPosition} argument${byPosition === 1 ? '' : 's'}`;
    throw new Fault(`${what} takes ${limit}, not ${positional.length}`);
  }
  const bound: unknown[] = names.map((_, index) => (index < byPosition ? positional[index] : undefined));
  const others = new Map<string, unknown>();
  for (const [name, value] of named) {
    const index = names.indexOf(name);
    if (index < 0) {
      if (!options) throw new Fault(`${what} has no argument '${name}'`, { hint: didYouMean(name, names) });
      others.set(name, value);
    } else {
      if (index < Math.min(byPosition, positional.length)) throw new Fault(`${what} got '${name}' twice`);
      bound[index] = value;
    }
  }
  const absent = names.slice(0, required).find((_, index) => bound[index] === undefined);
  if (absent !== undefined) throw new Fault(`${what} needs the argument '${absent}'`);
  if (rest) bound.push(positional.slice(byPosition));
  if (options) bound.push(others);
  return bound;
}
