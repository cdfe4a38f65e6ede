import { OrchError } from '../../../proto/errors.ts';
import type { Host } from '../../linux/host.ts';
import type { Row } from './rows.ts';

/** "ns01/ipvlan1", or "ens34" in the host's own namespace. */
export function placed(netns: string | undefined, name: string): string {
  return netns === undefined ? name : `${netns}/${name}`;
}

/** "in ns01" or "on the host", for messages. */
export function placeText(netns: string | undefined): string {
  return netns === undefined ? "in the host's own namespace" : `in netns ${netns}`;
}

/** Rows of a query; none when the device, table or namespace is not there. */
export async function readRows(
  host: Pick<Host, 'ip'>,
  netns: string | undefined,
  args: readonly string[],
): Promise<readonly Row[]> {
  const reply = await host.ip(args, netns);
  return reply.missing ? [] : reply.rows;
}

/** Throws 'missing-object' when the namespace is neither there nor promised by check mode. */
export async function requireNetns(host: Host, netns: string | undefined): Promise<void> {
  if (netns === undefined || host.promised({ kind: 'netns', name: netns })) return;
  const names = await host.netnsNames();
  if (names.includes(netns)) return;
  throw new OrchError({
    code: 'missing-object',
    summary: `There is no netns ${netns}.`,
    detail: names.length === 0 ? 'This host has no named namespaces.' : `There are: ${names.join(', ')}.`,
    hint: `A netns task before this one makes it: "netns: {name: ${netns}}".`,
  });
}

/**
 * The row of a link, with what `ip -d link show` says; undefined when check mode has promised it.
 * Throws 'missing-object' when there is no such namespace or link.
 */
export async function requireLink(host: Host, netns: string | undefined, name: string): Promise<Row | undefined> {
  const row = (await readRows(host, netns, ['link', 'show', 'dev', name]))[0];
  if (row !== undefined) return row;
  if (host.promised({ kind: 'link', netns, name })) return undefined;
  await requireNetns(host, netns);
  throw new OrchError({
    code: 'missing-object',
    summary: `There is no link ${name} ${placeText(netns)}.`,
    hint: `A task before this one makes it, by the module of its kind: "bridge: {name: ${name}${netns === undefined ? '' : `, netns: ${netns}`}, state: up}".`,
  });
}
