import * as z from 'zod';

/** The `exact` of modules that lead to a whole list. */
export const exactField = z
  .boolean()
  .default(false)
  .describe('Remove what the list does not say, except what the kernel made itself; default: only add and change.');

/** The `family` of lists that may hold both. */
export const listFamily = z
  .enum(['inet', 'inet6'])
  .optional()
  .describe('IPv4 or IPv6 alone: the other one is left as it is; default: both.');

interface ListParams {
  readonly exact: boolean;
  readonly family?: 'inet' | 'inet6' | undefined;
}

/** The families that a list is about: all that it may remove from, else those of its entries. */
export function listFamilies(params: ListParams, entries: readonly (4 | 6)[]): readonly (4 | 6)[] {
  if (params.family !== undefined) return [params.family === 'inet6' ? 6 : 4];
  return params.exact ? [4, 6] : ([4, 6] as const).filter((family) => entries.includes(family));
}

interface Entry {
  /** The entry as it is wanted, in words. */
  readonly wanted: string;
  /** What is there in its place, in words; equal to `wanted` when there is nothing to do. */
  readonly present: readonly string[];
}

/** Both sides of the diff of a list: what is wanted, what is in its place, and what goes. */
export function listView(name: string, entries: readonly Entry[], goes: readonly string[]) {
  const before = [...entries.flatMap((entry) => entry.present), ...goes];
  return { before: { [name]: before.sort() }, after: { [name]: entries.map((entry) => entry.wanted).sort() } };
}
