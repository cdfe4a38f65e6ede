import type { IpReply } from '../../linux/host.ts';
import { number, object, text } from '../../modules/shared/rows.ts';
import { withTableNumbers } from '../../modules/shared/tables.ts';
import type { ReadingPlace } from './reading-place.ts';
import { readSharedSysctls, readSysctls } from './sysctls.ts';
import { readTc } from './tc.ts';
import { output, unread } from './tool.ts';

interface ReadingKind {
  readonly name: string;
  /** Text of the answer. Throws OrchError with the reason when there is none. */
  readonly read: (place: ReadingPlace) => Promise<string>;
}

/** All readings of a namespace, named as the contract names them. */
export const readings: readonly ReadingKind[] = [
  { name: 'link', read: async ({ links }) => JSON.stringify(await links()) },
  // Without a family, of both: those of one would need a process of its own.
  ip('route', 'route', 'show', 'table', 'all'),
  ip('rule4', '-4', 'rule', 'show'),
  ip('rule6', '-6', 'rule', 'show'),
  ip('neighbour', 'neighbour', 'show', 'nud', 'all'),
  // Links were read before: the kernel numbers another namespace when it first tells of a link into it.
  // An ip that is kept open keeps the names that it learned first.
  where(leadsOut, {
    name: 'nsid',
    read: async ({ host, netns }) => JSON.stringify((await host.ipAfresh(['netns', 'list-id'], netns)).rows),
  }),
  tool('nft_text', 'nft', '-a', 'list', 'ruleset'),
  { name: 'tc', read: readTc },
  where(bridged, tool('bridge_vlan', 'bridge', '-j', '-d', 'vlan', 'show')),
  where(bridged, tool('bridge_fdb', 'bridge', '-j', '-d', 'fdb', 'show')),
  { name: 'xfrm_policy', read: readXfrmPolicies },
  where(ofKind('wireguard'), wireguard()),
  tool('sockets', 'ss', '-H', '-l', '-n', '-t', '-u', '-p'),
  { name: 'sysctl', read: readSysctls },
  { name: 'sysctl_shared', read: readSharedSysctls },
  procNet('snmp'),
  procNet('netstat'),
  procNet('snmp6'),
  procNet('xfrm_stat'),
];

export const readingNames: ReadonlySet<string> = new Set(readings.map(({ name }) => name));

function ip(name: string, ...args: string[]): ReadingKind {
  const read: ReadingKind['read'] = async ({ host, netns }) => {
    const { rows } = await host.ip(args, netns);
    return JSON.stringify(await withTableNumbers(host, rows));
  };
  return { name, read };
}

function tool(name: string, ...argv: string[]): ReadingKind {
  return { name, read: (place) => output(place, argv) };
}

async function readXfrmPolicies({ host, netns }: ReadingPlace): Promise<string> {
  const said = await host.ipText(['xfrm', 'policy', 'list'], netns);
  // Without any, it says nothing.
  if (!/^(?:src |$)/.test(said)) throw unread(said.trim().split('\n')[0]?.slice(0, 500) ?? '');
  return said;
}

function procNet(name: string): ReadingKind {
  const read: ReadingKind['read'] = async ({ host, netns }) => {
    const found = await host.procNet(name, netns);
    if (found === undefined) throw unread(`there is no /proc/net/${name}`);
    return found;
  };
  return { name, read };
}

/** Nothing is asked, and nothing answered, where no link makes it worth a process. */
function where(worth: (links: IpReply['rows']) => boolean, kind: ReadingKind): ReadingKind {
  return { ...kind, read: async (place) => (worth(await place.links()) ? kind.read(place) : '') };
}

function ofKind(kind: string): (links: IpReply['rows']) => boolean {
  return (links) => links.some((link) => text(object(link, 'linkinfo'), 'info_kind') === kind);
}

/** Links whose lower device or other end is in another namespace. */
function leadsOut(links: IpReply['rows']): boolean {
  return links.some((link) => number(link, 'link_netnsid') !== undefined);
}

/** Bridges and their ports, and vxlan, which has entries of the same form. */
function bridged(links: IpReply['rows']): boolean {
  return links.some((link) => {
    const info = object(link, 'linkinfo');
    const kind = text(info, 'info_kind');
    return kind === 'bridge' || kind === 'vxlan' || text(info, 'info_slave_kind') === 'bridge';
  });
}

/** Keys stay here: the second field of an interface's line is its private one, the third of a peer's what they share. */
function wireguard(): ReadingKind {
  const read: ReadingKind['read'] = async (place) => {
    const lines = (await output(place, ['wg', 'show', 'all', 'dump'])).split('\n').filter((line) => line !== '');
    return lines
      .map((line) => line.split('\t'))
      .map((fields) => fields.toSpliced(fields.length === 5 ? 1 : 2, 1).join('\t'))
      .join('\n');
  };
  return { name: 'wireguard', read };
}
