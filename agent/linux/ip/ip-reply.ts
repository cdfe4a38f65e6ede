import { OrchError } from '../../../proto/errors.ts';
import type { IpReply } from '../host.ts';

/** What iproute2 6.x and the kernel say of a device, table or namespace that is not there. */
const missingTexts = [
  /^Device ".*" does not exist/m,
  /^Cannot find device /m,
  /^Cannot send link request: No such device/m,
  /^Error: .*FIB table does not exist/m,
  /^Cannot open network namespace /m,
  // A name that is made or removed at this moment: the file is there, and no namespace on it.
  /^setting the network namespace ".*" failed: Invalid argument/m,
  /^RTNETLINK answers: No such device/m,
  /^Error: argument ".*" is wrong: Device does not exist/m,
];

/** The answer to one `ip -j` command: its output, standard error included, and whether it failed. */
export interface IpOutput {
  readonly text: string;
  readonly failed: boolean;
}

/** True when the output says that what the command names does not exist. */
export function saysMissing(text: string): boolean {
  return missingTexts.some((pattern) => pattern.test(text));
}

/** Rows of an `ip -j` query. Throws OrchError 'command-failed' when it failed for another reason than a missing object. */
export function parseIpReply(args: readonly string[], output: IpOutput): IpReply {
  // ip forgets to fail when the link that it remembers is gone, but says so.
  if (saysMissing(output.text)) return { rows: [], missing: true };
  if (output.failed) throw ipError(args, output.text);
  const rows: Readonly<Record<string, unknown>>[] = [];
  for (const line of output.text.split('\n')) {
    if (!line.startsWith('[')) continue;
    const parsed: unknown = parseLine(args, nestedEncap(line));
    if (!Array.isArray(parsed)) continue;
    // iproute2 prints {} for what its filter left out.
    for (const row of parsed)
      if (typeof row === 'object' && row !== null && Object.keys(row).length > 0) rows.push(row);
  }
  return { rows, missing: false };
}

/** What `encap` stands before in a row (print_encap_* of ip/iproute_lwtunnel.c): texts, numbers, lists, the inner `srh`. */
const encapKeys =
  'dst|src|id|ttl|hoplimit|tc|key|csum|seq|mode|segs|hmac|action|srh|table|vrftable|nh4|nh6|iif|oif|flavors';
const flatEncap = new RegExp(
  `"encap":("[^"]*")((?:,"(?:${encapKeys}|tos(?=":\\d))":(?:"[^"]*"|\\w+|\\[[^\\]]*\\]|\\{[^}]*\\}))*)`,
  'g',
);

/**
 * iproute2 as old as 6.1 shows what a route or next hop puts around packets in the midst of its row, where the labels or
 * the other end hide the route's own `dst`: an object of its own, as newer ones have it.
 */
function nestedEncap(line: string): string {
  return line.includes('"encap":"') ? line.replace(flatEncap, '"encap":{"encap_type":$1$2}') : line;
}

function parseLine(args: readonly string[], line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new OrchError({
      code: 'command-failed',
      summary: `ip ${args.join(' ')} answered something that is not JSON.`,
      detail: line.slice(0, 500),
      cause,
    });
  }
}

/** What helps against refusals whose words do not say it. */
const hints: readonly (readonly [RegExp, string])[] = [
  [
    /has invalid gateway|No route to host/,
    'No link that is up has an address whose network takes the gateway in: set the link up and give it its address before this task, or say `onlink: true` beside `dev`.',
  ],
  [/nexthop.* is not up/i, 'Set the link up in a task before this one: `state: up`.'],
  [/Carrier for nexthop device is down/, 'Set the other end of the link up in a task before this one.'],
  [/Invalid prefsrc address/, '`src` is an address of this namespace: a task before this one gives it.'],
  [/nexthop id/i, 'A nexthop task before this one makes it.'],
  [/IPv6 is disabled/, 'net.ipv6.conf.LINK.disable_ipv6 is 1: a sysctl task before this one sets it to 0.'],
  [/VXLAN device with the specified VNI already exists/, 'Another one here has this `id` and `port`: choose others.'],
];

/** An `ip` command that failed, in ip's own words. */
export function ipError(args: readonly string[], text: string): OrchError {
  const words = text.replace(/^(\[.*\]|Command failed .*|Dump terminated)$/gm, '').trim();
  const first = words.split('\n')[0] ?? '';
  if (first.includes('Unknown device type')) return noSuchKind(args, first);
  if (first.includes('Operation not supported')) return notSupported(args, first);
  return new OrchError({
    code: 'command-failed',
    summary: `ip ${args.join(' ')} failed: ${first === '' ? 'ip gave no reason' : first}`,
    detail: words.includes('\n') ? words.slice(0, 2000) : undefined,
    hint: hints.find(([pattern]) => pattern.test(first))?.[1],
  });
}

/** `ip link add ... type KIND` where the kernel has no such kind, not even as a module. */
function noSuchKind(args: readonly string[], words: string): OrchError {
  const kind = args[args.indexOf('type') + 1] ?? '';
  return new OrchError({
    code: 'unsupported-by-host',
    summary: `The kernel of this host has no links of type ${kind}.`,
    detail: `ip ${args.join(' ')}: ${words}`,
    hint: `Load the module (modprobe ${kind}), or use a kernel that has it.`,
  });
}

/** EOPNOTSUPP: the kernel knows the object, and has not what is asked of it. */
function notSupported(args: readonly string[], words: string): OrchError {
  return new OrchError({
    code: 'unsupported-by-host',
    summary: `The kernel of this host does not support: ip ${args.join(' ')}.`,
    detail: words,
  });
}

/** The host has no iproute2. */
export function noIproute(): OrchError {
  return new OrchError({
    code: 'unsupported-by-host',
    summary: 'The host has no ip command.',
    hint: 'Install iproute2 on it: apt-get install iproute2, or dnf install iproute.',
  });
}
