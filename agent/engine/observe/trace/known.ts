import { OrchError } from '../../../../proto/errors.ts';

export const unknownParts = 'the kernel does not say where its parts are';

/** What the kernel says. Throws OrchError 'unsupported-by-host' where it says nothing. */
export function known<T>(value: T | undefined): T {
  if (value === undefined) throw unsupported(unknownParts);
  return value;
}

export function unsupported(summary: string): OrchError {
  return new OrchError({ code: 'unsupported-by-host', summary });
}
