import { netnsNameProblem } from '../../agent/modules/shared/names.ts';
import { OrchError } from '../../proto/errors.ts';
import { type HostAccess, inventoryHosts } from './inventory-targets.ts';
import type { Args } from './read-options.ts';

/** HOST or HOST/NETNS of a command line. */
export interface Endpoint {
  /** A host's name, or a pattern of hosts. */
  readonly hosts: string;
  /** Undefined: the host's own. */
  readonly netns: string | undefined;
}

/** Reads `vm02`, `vm02/ns01` or `all/ns01`. Throws OrchError 'invalid-option'. */
export function parseEndpoint(text: string): Endpoint {
  const slash = text.indexOf('/');
  const [hosts, netns] = slash < 0 ? [text, undefined] : [text.slice(0, slash), text.slice(slash + 1)];
  const problem = hosts === '' ? 'it names no host' : netns === undefined ? undefined : netnsNameProblem(netns);
  if (problem === undefined) return { hosts, netns };
  throw new OrchError({
    code: 'invalid-option',
    summary: `${JSON.stringify(text)} is no endpoint: ${problem}.`,
    hint: 'An endpoint is a host or one of its namespaces: vm02, vm02/ns01.',
  });
}

export interface Place {
  readonly netns: string | undefined;
  readonly hosts: readonly HostAccess[];
}

/** The hosts of a command's `endpoint` argument. Throws OrchErrors for what the inventory does not have. */
export function placeOf(args: Args): Place {
  const { hosts, netns } = parseEndpoint(String(args.endpoint));
  return { netns, hosts: inventoryHosts({ ...args, limit: hosts }, 'endpoint') };
}

/** The one host of a command that works on one. Throws OrchError 'invalid-option' for a pattern of several. */
export function onePlaceOf(args: Args): { netns: string | undefined; host: HostAccess } {
  const { netns, hosts } = placeOf(args);
  const [host] = hosts;
  if (host !== undefined && hosts.length === 1) return { netns, host };
  const names = hosts.map(({ target }) => target.name).join(', ');
  throw new OrchError({
    code: 'invalid-option',
    summary: `${JSON.stringify(args.endpoint)} names ${hosts.length === 0 ? 'no host' : `${hosts.length} hosts: ${names}`}.`,
    hint: 'This command works on one host: vm02, or vm02/ns01.',
  });
}

/** How an endpoint is written. */
export function endpointText(host: string, netns: string | undefined): string {
  return netns === undefined ? host : `${host}/${netns}`;
}
