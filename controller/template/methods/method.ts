import { type Signature, signature } from '../render/signature.ts';

export interface Method {
  readonly signature: Signature;
  /** Changes what it is called on. */
  readonly changes: boolean;
  readonly run: (self: unknown, args: unknown[]) => unknown;
}

export type MethodTable = ReadonlyMap<string, Method>;

type Row<T> = readonly [name: string, parameters: string, run: (self: T, args: unknown[]) => unknown];

function rowsOf<T>(rows: readonly Row<T>[], changes: boolean): [string, Method][] {
  return rows.map(([name, parameters, run]) => [
    name,
    { signature: signature(parameters), changes, run: run as Method['run'] },
  ]);
}

/**
 * A method table from rows of name, parameters (see `signature`) and what it does. `T` is what it is called on, `C`
 * what those of `changing` are called on.
 */
export function methodTable<T, C = T>(rows: readonly Row<T>[], changing: readonly Row<C>[] = []): MethodTable {
  return new Map([...rowsOf(rows, false), ...rowsOf(changing, true)]);
}
