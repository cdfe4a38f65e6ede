import type * as z from 'zod';
import { internalParameters } from '../../../proto/internal-parameters.ts';
import { repr } from '../../template/python/text.ts';
import { valueAt } from './coerce.ts';
import type { Checked } from './issues.ts';
import { parameterNames } from './schema.ts';

type Issue = z.core.$ZodIssue;

/** Actions that say in their own words what they can't do without. */
const needsOf: Readonly<Record<string, string>> = {
  copy: 'dest is required',
  template: 'src and dest are required',
  fetch: 'src and dest are required',
  assemble: 'src and dest are required',
  unarchive: 'src (or content) and dest are required',
  command: 'one of the following is required: _raw_params, cmd, argv',
  shell: 'one of the following is required: _raw_params, cmd, argv',
  script: 'one of the following is required: _raw_params, cmd',
  expect: 'no command given',
};

/** Those that stand in each other's way, where one of them has no name. */
const exclusiveOf: Readonly<Record<string, string>> = { command: '_raw_params|cmd|argv' };

/**
 * What a registered result says of wrong parameters, in the words that playbooks for Ansible look for: of free text, else of what
 * is missing, else of what contradicts itself, else of a value that is none of the choices, else of names that the module does not
 * have. undefined: it has no such words.
 */
export function toldFaults(
  issues: readonly Issue[],
  { module, schema, data, show }: Checked,
  aliases: readonly string[],
): string | undefined {
  const own = issues.filter(({ path }) => path.length <= 1);
  const unknown = own.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [])).sort();
  if (unknown.includes('_raw_params')) {
    return `Task failed: Action 'ansible.builtin.${module}' does not support raw params.`;
  }
  const missing = own.filter(
    ({ code, path }) => code !== 'custom' && path.length === 1 && valueAt(data, path.map(String)) === undefined,
  );
  if (missing.length > 0) {
    const names = missing.map(({ path }) => String(path[0])).sort();
    return needsOf[module] ?? `missing required arguments: ${names.join(', ')}`;
  }
  const custom = own.find(({ code }) => code === 'custom');
  const said = custom?.message ?? '';
  if (said === 'say the command') return needsOf[module];
  const [, one = '', other = '', both] = /^say (\w+) or (\w+)(, not both)?$/.exec(said) ?? [];
  if (both !== undefined) {
    return `parameters are mutually exclusive: ${exclusiveOf[module] ?? `${one}|${other}`}`;
  }
  if (one !== '') return `one of the following is required: ${one}, ${other}`;
  // Sentences of modules stand by themselves, as do those that begin with the parameter; other words go on behind its name.
  if (
    /^([A-Z]|one of |parameters are )/.test(said) ||
    (custom !== undefined && said.split(/[ =]/)[0] === custom.path[0])
  )
    return said;
  for (const issue of own) {
    if (issue.code !== 'invalid_value' || !show) continue;
    const value = valueAt(data, issue.path.map(String));
    return `value of ${String(issue.path[0])} must be one of: ${issue.values.join(', ')}, got: ${String(value)}`;
  }
  for (const issue of own) {
    if (issue.code !== 'invalid_type' || !['int', 'number'].includes(issue.expected) || !show) continue;
    const value = valueAt(data, issue.path.map(String));
    if (typeof value !== 'string') continue;
    return `argument '${String(issue.path[0])}' is of type str and we were unable to convert to int: "${repr(value)}" cannot be converted to an int`;
  }
  if (unknown.length === 0) return undefined;
  const others = aliases.length === 0 ? '' : ` (${[...aliases].sort().join(', ')})`;
  const named = parameterNames(schema).filter((name) => !internalParameters.has(name));
  const known = `${named.sort().join(', ')}${others}`;
  return `Unsupported parameters for (${module}) module: ${unknown.join(', ')}. Supported parameters include: ${known}.`;
}
