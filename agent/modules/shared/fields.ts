import * as z from 'zod';
import { cidrText, networkOf, parseCidr, parseIp } from './ip-address.ts';
import { linkNameProblem, netnsNameProblem } from './names.ts';

/** A string that `problem` finds nothing wrong with; its answer is the message. `otherType` explains what is no string. */
export function checked(
  problem: (text: string) => string | undefined,
  otherType?: (input: unknown) => string | undefined,
): z.ZodString {
  return z.string({ error: (issue) => otherType?.(issue.input) }).superRefine((text, context) => {
    const message = problem(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}

/** For `superRefine`: that what `contradictions` looks for is not there; each is told at its field. */
export function noneOf<P>(contradictions: (params: P) => Iterable<readonly [field: PropertyKey, message: string]>) {
  return (params: P, context: z.RefinementCtx): void => {
    for (const [field, message] of contradictions(params)) context.addIssue({ code: 'custom', path: [field], message });
  };
}

export const linkName = checked(linkNameProblem);
export const netnsName = checked(netnsNameProblem);

/** The `netns` parameter of every module that touches the network. */
export const inNetns = netnsName.optional().describe("Network namespace to work in; default: the host's own.");

/** Why a new line can't be put both behind one and before another. */
export const twoPlaces = 'say insertafter or insertbefore, not both';

/** Of an address beside one of IPv4 or IPv6, when it is of the other. */
export const otherFamily = 'is of the other address family';

export const presence = z.enum(['absent', 'present']).default('present');

/** A bare IPv4 or IPv6 address. */
export const ipAddress = checked((text) =>
  parseIp(text) === undefined ? `${JSON.stringify(text)} is not an IPv4 or IPv6 address` : undefined,
);

/** An address, with or without prefix. */
export const ipCidr = checked((text) =>
  parseCidr(text) === undefined ? `${JSON.stringify(text)} is not an IPv4 or IPv6 address with prefix` : undefined,
);

/** Why this is not a network ("10.1.0.0/16"), or undefined when it is. */
export function networkProblem(text: string): string | undefined {
  const cidr = parseCidr(text);
  if (cidr === undefined) return `${JSON.stringify(text)} is not an IPv4 or IPv6 network`;
  const network = networkOf(cidr);
  if (network.address === cidr.address) return undefined;
  return `${text} has host bits set; the network is ${cidrText(network)}`;
}

const macAddressProblem = (text: string) =>
  /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text)
    ? undefined
    : `${JSON.stringify(text)} is not a MAC address (02:00:00:00:00:01)`;

/** YAML 1.1 reads an unquoted 02:00:00:00:00:01 as a number to base 60. */
export const macAddress = checked(macAddressProblem, (input) =>
  typeof input === 'number' ? 'put the MAC address in quotes: YAML takes it for a number' : undefined,
);

/** That of a link: groups have those whose first byte is odd. */
export const linkAddress = macAddress.refine((text) => !/^.[13579bdf]/i.test(text), {
  error: ({ input }) => `${JSON.stringify(input)} is the MAC address of a group, which no link has`,
});

/** A parameter whose value is shown nowhere: the words of JSON Schema for it are writeOnly. */
export function secret(field: z.ZodString): z.ZodString {
  return field.meta({ writeOnly: true });
}

function pathProblem(path: string): string | undefined {
  if (path === '') return 'a path cannot be empty';
  return path.includes('\0') ? 'a path cannot hold a NUL' : undefined;
}

/** A path that the module makes absolute itself (`Host.absolute`). */
export const pathText = checked(pathProblem);

/** A path on the host, or none: a variable of the environment that is not set. */
export const pathOrNone = checked((path) => (path === '' ? undefined : pathProblem(path))).meta({ format: 'path' });

/** A path on the host. It may begin with ~ or ~user, or where logins start; modules see it absolute (engine/run/path-params.ts). */
export const hostPath = pathText.meta({ format: 'path' });

/** What a link leads to: with homes and variables put in, but a relative one stays so. */
export const linkTarget = pathText.meta({ format: 'target' });

/** A program by its path on the host, or by a name for the PATH. */
export const programPath = pathText.meta({ format: 'program' });

/** A routing table: a number, or a name that the host's rt_tables knows. */
export const routingTable = z.union([
  z.int().min(1).max(0xffffffff),
  z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'a table is a number or a name of rt_tables'),
]);

/** 32 bits without sign: metrics, priorities, marks. */
export const u32 = z.int().min(0).max(0xffffffff);
