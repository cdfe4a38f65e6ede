export type Params = Readonly<Record<string, unknown>>;

/** A task that says what is to be, in the place of a command that does something. */
export interface TaskOf {
  readonly module: string;
  readonly params: Params;
}

/** What a command becomes, or why it stays. */
export type Translated = { readonly tasks: readonly TaskOf[] } | { readonly reason: string };

/** Numbers as numbers, all else as it is. */
export function plain(word: string): string | number {
  return /^(?:0|[1-9]\d{0,14})$/.test(word) ? Number(word) : word;
}

/** Of a command that looks at something and changes nothing. */
export const onlyAsks = { reason: 'it only asks' } as const;

/** One task. */
export function one(module: string, params: Params): Translated {
  return { tasks: [{ module, params }] };
}

/** What is to become of what a command names. */
export interface How {
  readonly absent: boolean;
  /** It is made, and not only set. */
  readonly isNew: boolean;
  readonly v6: boolean;
}
