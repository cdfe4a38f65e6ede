import { formatIp, parseIp } from '../../agent/modules/shared/ip-address.ts';
import { OrchError } from '../../proto/errors.ts';
import { listOf, type ReachParams } from './params.ts';

/** A place that packets leave from. */
export interface Origin {
  readonly name: string;
  readonly host: string;
  readonly netns: string | undefined;
}

/** An address to ask, under the name it was written with. */
export interface Target {
  readonly name: string;
  readonly address: string;
}

/** What is known of hosts while a play runs. */
export interface HostNames {
  /** Hosts that take part. */
  readonly present: readonly string[];
  /** True when the inventory has the host. */
  known(host: string): boolean;
  /** A variable of a host, or undefined. */
  variable(host: string, name: string): unknown;
}

export interface Endpoints {
  readonly origins: readonly Origin[];
  readonly targets: readonly Target[];
  /** Hosts that were named but take no part: their rows cannot be measured. */
  readonly absent: readonly string[];
}

/** `vm02/ns01` as a host and a namespace of it. */
export function originOf(name: string): Origin {
  const slash = name.indexOf('/');
  if (slash < 0) return { name, host: name, netns: undefined };
  return { name, host: name.slice(0, slash), netns: name.slice(slash + 1) };
}

/** The kernel's spelling of an address. */
function canonical(address: string): string {
  const ip = parseIp(address);
  return ip === undefined ? address : formatIp(ip);
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || canonical(address) === '::1';
}

/** A host's own address in the lab: not the one by which only the controller reaches it. */
function hostAddress(name: string, hosts: HostNames): string {
  for (const variable of ['orch_address', 'ansible_host']) {
    const value = hosts.variable(name, variable);
    if (typeof value === 'string' && parseIp(value) && !isLoopback(value)) return canonical(value);
  }
  throw new OrchError({
    code: 'invalid-parameter',
    summary: `reach: the address of ${name} is not known`,
    hint: `name it in endpoints ("${name}: ADDRESS"), or set the host's variable orch_address`,
  });
}

function addressesOf(name: string, params: ReachParams, hosts: HostNames): readonly string[] {
  const written = params.endpoints?.[name];
  if (written !== undefined) return listOf(written).map(canonical);
  if (parseIp(name)) return [canonical(name)];
  return [hostAddress(name, hosts)];
}

/** `all` spelled out; each name once. */
function spelled(value: string | readonly string[], all: readonly string[]): readonly string[] {
  return [...new Set(listOf(value).flatMap((name) => (name === 'all' ? all : [name])))];
}

/** Who asks and who is asked. Throws OrchError 'invalid-parameter' for an address that is not known. */
export function resolveEndpoints(params: ReachParams, hosts: HostNames): Endpoints {
  const all = params.endpoints ? Object.keys(params.endpoints) : hosts.present;
  const isOrigin = (name: string) => hosts.known(originOf(name).host);
  const named = spelled(params.from, all.filter(isOrigin)).map(originOf);
  const strange = named.find((origin) => !hosts.known(origin.host));
  if (strange) {
    throw new OrchError({
      code: 'invalid-parameter',
      summary: `reach: ${strange.name} is no host of the inventory, so nothing can be asked from there`,
      hint: 'from takes hosts and their namespaces: "vm02", "vm02/ns01"',
    });
  }
  const takesPart = (origin: Origin) => hosts.present.includes(origin.host);
  return {
    origins: named.filter(takesPart),
    targets: spelled(params.to, all).flatMap((name) =>
      addressesOf(name, params, hosts).map((address) => ({ name, address })),
    ),
    absent: [...new Set(named.filter((origin) => !takesPart(origin)).map((origin) => origin.host))],
  };
}
