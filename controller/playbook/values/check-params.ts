import { OrchError } from '../../../proto/errors.ts';
import type { Located } from '../../source/located.ts';
import type { CatalogEntry } from '../catalog/catalog.ts';
import { parseCoerced } from './coerce.ts';
import { faults, telling } from './issues.ts';
import { toldFaults } from './told-faults.ts';

export interface CheckedParams {
  /** The parameters as the module takes them (defaults filled in); undefined when there are errors, or templates that were passed over. */
  readonly params: Readonly<Record<string, unknown>> | undefined;
  /** What was checked, in the types that the module takes, without its defaults. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly errors: readonly OrchError[];
  /** What a result says of the errors, where that is something else. */
  readonly told?: string | undefined;
}

/**
 * Checks a task's parameters against its module's schema: as written, where values that hold templates are passed over, and once
 * more what they were rendered to.
 *
 * @param value the parameters, as written or rendered
 * @param written the parameters as written, for the places
 * @param how `show: false` keeps values out of the messages (no_log)
 */
export function checkParams(
  entry: CatalogEntry,
  value: unknown,
  written: Located,
  how: { readonly show: boolean; readonly rendered: boolean } = { show: true, rendered: false },
): CheckedParams {
  const { result, data } = parseCoerced(entry.params, value);
  const taken = data as Record<string, unknown>;
  if (result.success) return { params: result.data as Record<string, unknown>, data: taken, errors: [] };
  const checked = { module: entry.name, schema: entry.params, data, ...how };
  const found = telling(result.error.issues).flatMap((issue) => faults(issue, checked));
  const errors = found.map(
    ({ code, summary, hint, path, part }) =>
      new OrchError({
        code,
        summary,
        hint,
        where: written.origin.place([...written.path, ...path], path.length === 0 ? 'key' : part),
      }),
  );
  return {
    params: undefined,
    data: taken,
    errors,
    told: toldFaults(result.error.issues, checked, Object.keys(entry.aliases ?? {})),
  };
}
