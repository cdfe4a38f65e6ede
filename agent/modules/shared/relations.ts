import type * as z from 'zod';

/** Adds an issue where a task says more than one of these parameters. */
export function refuseTogether<K extends string>(
  params: Readonly<Partial<Record<K, unknown>>>,
  names: readonly K[],
  context: Pick<z.RefinementCtx, 'addIssue'>,
): void {
  const [, second] = names.filter((name) => params[name] !== undefined);
  if (second === undefined) return;
  context.addIssue({
    code: 'custom',
    path: [second],
    message: `parameters are mutually exclusive: ${names.join('|')}`,
  });
}
