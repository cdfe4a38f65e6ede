import * as z from 'zod';
import { checked, ipAddress } from '../../agent/modules/shared/fields.ts';
import { parseIp } from '../../agent/modules/shared/ip-address.ts';
import { netnsNameProblem } from '../../agent/modules/shared/names.ts';
import { suggest } from '../template/suggest.ts';

const names = z.union([z.string(), z.array(z.string()).min(1)]);
const expectations = ['reached', 'unreachable', 'any'] as const;

/** "vm02", "vm02/ns01", or a name for a place that orch does not manage ("gateway"). */
const endpointName = checked((name) => {
  const slash = name.indexOf('/');
  if (name === '' || name === 'all') return `${JSON.stringify(name)} cannot be an endpoint's name`;
  return slash < 0 ? undefined : netnsNameProblem(name.slice(slash + 1));
});

const fields = z.strictObject({
  endpoints: z
    .record(endpointName, z.union([ipAddress, z.array(ipAddress).min(1)]))
    .optional()
    .describe(
      'Addresses by endpoint: a host ("vm02"), a namespace of one ("vm02/ns01"), or any other name ("gateway"). ' +
        "Default: the play's hosts, each with its variable orch_address, else ansible_host.",
    ),
  from: names.default('all').describe('Endpoints to ask from, or `all` that belong to a host of the play.'),
  to: names.default('all').describe('Endpoints or addresses to ask, or `all` endpoints.'),
  expect: z.enum(expectations).optional().describe('What each cell should be; default: any.'),
  except: z
    .array(
      z.strictObject({
        from: names.default('all').describe('Endpoints asked from.'),
        to: names.default('all').describe('Endpoints or addresses asked.'),
        expect: z.enum([...expectations, 'skip']).describe('What these cells should be; skip: they are not asked.'),
      }),
    )
    .default([])
    .describe('Cells that should be otherwise; of several entries for a cell the last one counts.'),
  source: z
    .record(endpointName, ipAddress)
    .default({})
    .describe("Address to send from, by endpoint; default: the kernel's choice."),
  count: z.int().min(1).max(100).default(3).describe('Echo requests for each cell; one answer makes it reached.'),
  timeout: z.number().min(0.01).max(60).default(1).describe('Seconds to wait for the last answer.'),
  size: z.int().min(0).max(65_487).optional().describe('Bytes of data in a request; default: 56.'),
  raise_neighbour_limit: z
    .boolean()
    .default(false)
    .describe("Make room in each host's neighbour table while measuring, for meshes of more than about 30 endpoints."),
});

/** `reach`'s parameters. */
export type ReachParams = z.infer<typeof fields>;

/** One name or several, as a list. */
export function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

/** Why a name cannot stand in from or to, or undefined. Without `endpoints` only the run knows. */
function nameProblem(params: ReachParams, name: string, part: 'from' | 'to'): string | undefined {
  const { endpoints } = params;
  if (!endpoints || name === 'all' || Object.hasOwn(endpoints, name)) return undefined;
  if (part === 'from') {
    // A namespace needs no address to be asked from.
    if (name.includes('/')) return undefined;
  } else if (parseIp(name)) return undefined;
  const near = suggest(name, Object.keys(endpoints));
  return `${JSON.stringify(name)} is not in endpoints${near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`}`;
}

export const reachParams = fields.superRefine((params, context) => {
  const check = (value: string | readonly string[], part: 'from' | 'to', path: (string | number)[]) => {
    for (const [index, name] of listOf(value).entries()) {
      const message = nameProblem(params, name, part);
      const at = typeof value === 'string' ? path : [...path, index];
      if (message !== undefined) context.addIssue({ code: 'custom', path: at, message });
    }
  };
  check(params.from, 'from', ['from']);
  check(params.to, 'to', ['to']);
  for (const [index, entry] of params.except.entries()) {
    check(entry.from, 'from', ['except', index, 'from']);
    check(entry.to, 'to', ['except', index, 'to']);
  }
});
