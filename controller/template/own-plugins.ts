import type { RenderOptions } from './types.ts';

/** A filter or test that is none of the engine's: plain data in, plain data out. */
export type OwnPlugin = (
  args: readonly unknown[],
  options: Readonly<Record<string, unknown>>,
  rendering: RenderOptions,
) => unknown;

/** Filters and tests that come with playbooks; found and run outside, as the engine does no I/O. */
export interface OwnPlugins {
  /** The one of that name; undefined: there is none. `isKnown`: the engine has one of that name itself. */
  find(kind: 'filter' | 'test', name: string, isKnown: boolean): OwnPlugin | undefined;
  /** Why there may be none: a file that can't be read. */
  whyNot(kind: 'filter' | 'test'): string | undefined;
}

const none: OwnPlugins = { find: () => undefined, whyNot: () => undefined };
let own = none;

/** Has templates find these from now on. */
export function useOwnPlugins(plugins: OwnPlugins): void {
  own = plugins;
}

export const ownPlugins = (): OwnPlugins => own;
