import type { FilePlace } from '../../proto/errors.ts';

export type Path = readonly (string | number)[];

/** Where a piece of data came from: answers for any path inside it. */
export interface Origin {
  readonly file: string;
  /** Place of the value at `path`; with `key`, of the mapping key itself. The nearest ancestor answers when there is no such path. */
  place(path: Path, part?: 'key' | 'value'): FilePlace;
  /** Place of a line and column (from 1) inside the string at `path`, as a template engine counts them. */
  placeInText(path: Path, line: number, column: number): FilePlace;
}

/** Plain data with its origin. `path` leads from the origin's root to `value`. */
export interface Located<T = unknown> {
  readonly value: T;
  readonly origin: Origin;
  readonly path: Path;
  /** The value is what a template gave, or is made of it. */
  readonly rendered?: true;
}
