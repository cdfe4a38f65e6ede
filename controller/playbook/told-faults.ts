import type * as z from 'zod';
import { valueAt } from './coerce.ts';
import type { Checked } from './issues.ts';
import { parameterNames } from './schema.ts';

type Issue = z.core.$ZodIssue;

/**
 * What a registered result says of wrong parameters, in the words that playbooks for Ansible look for: of what is missing, else of
 * what contradicts itself, else of a value that is none of the choices, else of names that the module does not have. undefined: it
 * has no such words.
 */
export function toldFaults(issues: readonly Issue[], { module, schema, data, show }: Checked): string | undefined {
  const own = issues.filter(({ path }) => path.length <= 1);
  const missing = own.filter(
    ({ code, path }) => code === 'invalid_type' && valueAt(data, path.map(String)) === undefined,
  );
  if (missing.length > 0) return `missing required arguments: ${missing.map(({ path }) => String(path[0])).join(', ')}`;
  const [said] = own.flatMap(({ code, message }) => (code === 'custom' ? message : []));
  const [, one, other] = /^say (\w+) or (\w+), not both$/.exec(said ?? '') ?? [];
  if (one !== undefined) return `parameters are mutually exclusive: ${one}|${other}`;
  // Sentences of modules stand by themselves; other words go on behind the parameter's name.
  if (said !== undefined && /^[A-Z]/.test(said)) return said;
  for (const issue of own) {
    if (issue.code !== 'invalid_value' || !show) continue;
    const value = valueAt(data, issue.path.map(String));
    return `value of ${String(issue.path[0])} must be one of: ${issue.values.join(', ')}, got: ${String(value)}`;
  }
  const unknown = own.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [])).sort();
  if (unknown.length === 0) return undefined;
  const known = parameterNames(schema).sort().join(', ');
  return `Unsupported parameters for (${module}) module: ${unknown.join(', ')}. Supported parameters include: ${known}.`;
}
