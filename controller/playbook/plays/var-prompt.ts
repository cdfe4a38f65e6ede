import type { Located } from '../../source/located.ts';

/** One of `vars_prompt`. */
export interface VarPrompt {
  readonly name: Located<string>;
  readonly prompt: Located<string> | undefined;
  /** The value where nothing is answered. */
  readonly otherwise: Located | undefined;
  /** Not seen while it is typed. */
  readonly private: boolean;
  /** Asked twice. */
  readonly confirm: boolean;
  /** Kind of password hash that the variable is made of the answer by. */
  readonly encrypt: Located<string> | undefined;
  readonly salt: Located<string> | undefined;
  readonly saltSize: number | undefined;
  /** What is answered is no template. */
  readonly unsafe: boolean;
}
