import type { Engine } from './render/frame.ts';
import { type Signature, signature } from './render/signature.ts';

type Run<T> = (value: unknown, args: unknown[], engine: Engine) => T;

/** A filter or test. Never changes what it is given. */
export interface Plugin<T> {
  readonly signature: Signature;
  readonly run: Run<T>;
  /** Takes names that do not exist as they are; others never see them. */
  readonly lenient: boolean;
  /** Takes what no vault password opens (`Sealed`), which fails all others. */
  readonly takesSealed: boolean;
}

export type PluginTable<T> = ReadonlyMap<string, Plugin<T>>;

/** What it takes besides the piped value (see `signature`), and what it does. */
export function plugin<T>(parameters: string, run: Run<T>): Plugin<T> {
  return { signature: signature(parameters), run, lenient: false, takesSealed: false };
}

/** The same for one that Undefined may be piped into. */
export function lenient<T>(parameters: string, run: Run<T>): Plugin<T> {
  return { signature: signature(parameters), run, lenient: true, takesSealed: false };
}

/** The same for one that something encrypted may be piped into, whether or not there is a password for it. */
export function sealable<T>(parameters: string, run: Run<T>): Plugin<T> {
  return { ...plugin(parameters, run), takesSealed: true };
}
