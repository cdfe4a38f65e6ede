import type * as z from 'zod';

/** Adds an issue for each parameter that has no meaning for accounts of the host's own files alone. */
export function refuseWithLocal<K extends string>(
  params: Readonly<Partial<Record<K, unknown>>> & { readonly local: boolean },
  names: readonly K[],
  context: Pick<z.RefinementCtx, 'addIssue'>,
): void {
  for (const name of params.local ? names : []) {
    if (params[name] === undefined) continue;
    context.addIssue({ code: 'custom', path: [name], message: `${name} can not be used with 'local'` });
  }
}
