/** A task that says what is to be, in the place of a command that does something. */
export interface TaskOf {
  readonly module: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** What a command becomes, or why it stays. */
export type Translated = { readonly tasks: readonly TaskOf[] } | { readonly reason: string };

/** Numbers as numbers, all else as it is. */
export function plain(word: string): string | number {
  return /^(?:0|[1-9]\d{0,14})$/.test(word) ? Number(word) : word;
}

/** Of a command that looks at something and changes nothing. */
export const onlyAsks = { reason: 'it only asks' } as const;
