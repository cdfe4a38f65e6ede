import { type Signature, signature } from '../signature.ts';

export interface Method {
  readonly signature: Signature;
  readonly run: (self: unknown, args: unknown[]) => unknown;
}

export type MethodTable = ReadonlyMap<string, Method>;

/** A method table from rows of name, parameters (see `signature`) and what it does. `T` is what it is called on. */
export function methodTable<T>(rows: readonly [string, string, (self: T, args: unknown[]) => unknown][]): MethodTable {
  return new Map(
    rows.map(([name, parameters, run]) => [name, { signature: signature(parameters), run: run as Method['run'] }]),
  );
}
