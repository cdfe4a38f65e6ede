import type { Action } from '../../linux/action.ts';
import type { Host } from '../../linux/host.ts';
import { sysctlPath } from '../../linux/ip/names.ts';
import type { Step } from '../../modules/module.ts';
import { isUp, kindOf } from '../../modules/shared/link/state.ts';
import { type Row, rows, text } from '../../modules/shared/rows.ts';
import { downWith } from '../snapshot/carriers.ts';
import { ownNetns } from '../snapshot/state.ts';
import { after, ipWords } from '../steps/touched.ts';
import { type LinkName, removedLink } from '../steps/vanish.ts';

/** What the kernel would have dropped by itself with a step of a task in check mode. */
export interface Loss {
  readonly netns: string | undefined;
  /** "*": any. */
  readonly dev: string;
  /** `all`: routes, IPv6 addresses, neighbours and next hops; `whole`: IPv4 addresses, too; `port`: what it is as a bridge's port. */
  readonly what: 'all' | 'whole' | 'ipv6' | 'neighbours' | 'port';
}

/** What is known of links that tasks would have made or set. */
interface PlannedLinks {
  kindOf(link: LinkName): string | undefined;
  isUp(link: LinkName): boolean | undefined;
  /** As ip would show them. */
  rows(netns: string | undefined): readonly Row[];
}

/** What goes along with steps; `planned` has them, and those of the tasks before. */
export async function lossesOf(
  steps: readonly Step[],
  view: Pick<Host, 'ip'>,
  planned: PlannedLinks,
): Promise<readonly Loss[]> {
  const losses: Loss[] = [];
  for (const { action } of steps) {
    const loss = await lossOf(action, view, planned);
    losses.push(...(loss === undefined ? [] : [loss]), ...portLoss(action));
    if (loss?.what === 'all' || removedLink(action) !== undefined)
      losses.push(...(await downWithIt(action, view, planned)));
  }
  return losses;
}

/** Links that go down along with the one that the action is about. */
async function downWithIt(action: Action, view: Pick<Host, 'ip'>, planned: PlannedLinks): Promise<readonly Loss[]> {
  const dev = action.op === 'ip' ? after(ipWords(action.args), 'dev') : undefined;
  if (action.op !== 'ip' || dev === undefined) return [];
  const { netns } = action;
  const { rows: links } = await view.ip(['link', 'show'], netns);
  const all = [...links, ...planned.rows(netns)];
  const down = downWith({ netns: netns ?? ownNetns, dev }, { [netns ?? ownNetns]: all });
  return down.map((place) => ({ netns, dev: place.dev, what: 'all' }));
}

/** A link that leaves a bridge, or comes to one, is no port of before any more. */
function portLoss(action: Action): readonly Loss[] {
  const dev = action.op === 'ip' ? after(action.args, 'dev') : undefined;
  const changes = action.op === 'ip' && action.args[1] === 'set' && /^(no)?master$/.test(action.args[4] ?? '');
  return dev === undefined || !changes ? [] : [{ netns: action.netns, dev, what: 'port' }];
}

async function lossOf(action: Action, view: Pick<Host, 'ip'>, planned: PlannedLinks): Promise<Loss | undefined> {
  if (action.op === 'sysctl') {
    const [, dev] = /^net\/ipv6\/conf\/([^/]+)\/disable_ipv6$/.exec(sysctlPath(action.key)) ?? [];
    // Of "default", links that are there take no notice.
    if (dev === undefined || dev === 'default' || action.value !== '1') return undefined;
    return { netns: action.netns, dev: dev === 'all' ? '*' : dev, what: 'ipv6' };
  }
  const words = action.op === 'ip' ? ipWords(action.args) : [];
  const dev = after(words, 'dev');
  if (action.op !== 'ip' || words[0] !== 'link' || words[1] !== 'set' || dev === undefined) return undefined;
  const { netns } = action;
  if (words.includes('down')) return { netns, dev, what: 'all' };
  if (Number(after(words, 'mtu') ?? 1500) < 1280) return { netns, dev, what: 'ipv6' };
  if (words.includes('address') || words.includes('arp')) return { netns, dev, what: 'neighbours' };
  if (!words.includes('master') && !words.includes('nomaster')) return undefined;
  const row = async (name: string) => (await view.ip(['link', 'show', 'dev', name], netns)).rows[0] ?? {};
  const isVrf = async (name: string | undefined) =>
    name !== undefined && (planned.kindOf({ netns, name }) ?? kindOf(await row(name))) === 'vrf';
  const link = await row(dev);
  if (!(await isVrf(after(words, 'master'))) && !(await isVrf(text(link, 'master')))) return undefined;
  // A VRF takes links that are up down and up again (cycle_netdev() in drivers/net/vrf.c).
  const isRunning = planned.isUp({ netns, name: dev }) ?? isUp(link);
  return { netns, dev, what: isRunning ? 'all' : 'ipv6' };
}

/** Whether what the action brought about is lost again. */
export function isLost(action: Action, loss: Loss): boolean {
  if (loss.what === 'port') return isOfPort(action, loss);
  if (action.op !== 'ip' || action.netns !== loss.netns) return false;
  const words = ipWords(action.args);
  const [kind = '', verb = ''] = words;
  if (!['add', 'append', 'replace', 'change'].includes(verb)) return false;
  const isProxy = words[2] === 'proxy';
  const isOfSix = action.args[0] === '-6' || words[isProxy ? 3 : 2]?.includes(':') === true;
  return isOf(loss, after(words, 'dev')) && goes(loss, isProxy ? 'proxy' : kind, isOfSix ? 6 : 4);
}

function isOfPort(action: Action, { netns, dev }: Loss): boolean {
  if (action.op !== 'ip' && action.op !== 'bridge') return false;
  const isIt = action.netns === netns && [after(action.args, 'dev'), after(action.args, 'port')].includes(dev);
  return isIt && (action.op === 'ip' ? action.args.includes('bridge_slave') : !action.args.includes('self'));
}

/** What is left of the rows that ip answers. */
export function withoutLost(
  all: readonly Row[],
  args: readonly string[],
  netns: string | undefined,
  losses: readonly Loss[],
): readonly Row[] {
  const here = losses.filter((loss) => loss.netns === netns);
  if (here.length === 0) return all;
  const [said = ''] = ipWords(args);
  const kind = said === 'neighbour' && args.includes('proxy') ? 'proxy' : said;
  const family = args[0] === '-6' ? 6 : 4;
  if (kind === 'address') return all.map((row) => withoutAddresses(row, here));
  // Where a link is named, ip leaves it out.
  const named = after(args, 'dev');
  const isGone = (row: Row) =>
    here.some((loss) => isOf(loss, devOf(row) ?? named) && goes(loss, kind, familyOf(row) ?? family));
  const left = all.filter((row) => !isGone(row));
  return kind === 'nexthop' ? left.flatMap((row) => withoutMembers(row, left)) : left;
}

function withoutAddresses(row: Row, losses: readonly Loss[]): Row {
  const own = losses.filter((loss) => isOf(loss, text(row, 'ifname')));
  if (own.length === 0 || !('addr_info' in row)) return row;
  const isLeft = (address: Row) => !own.some((loss) => goes(loss, 'address', address.family === 'inet6' ? 6 : 4));
  return { ...row, addr_info: rows(row, 'addr_info').filter(isLeft) };
}

function withoutMembers(row: Row, left: readonly Row[]): Row[] {
  if (!('group' in row)) return [row];
  const group = rows(row, 'group').filter(({ id }) => left.some((other) => other.id === id));
  return group.length === 0 ? [] : [{ ...row, group }];
}

/** The link of a row; of a route by several, one that all lead over. */
function devOf(row: Row): string | undefined {
  const devs = new Set(rows(row, 'nexthops').map((hop) => text(hop, 'dev')));
  return text(row, 'dev') ?? (devs.size === 1 ? [...devs][0] : undefined);
}

function familyOf(row: Row): 4 | 6 | undefined {
  const address = text(row, 'gateway') ?? text(row, 'dst');
  return address?.includes(':') === true ? 6 : undefined;
}

function isOf({ dev }: Loss, name: string | undefined): boolean {
  return name !== undefined && (dev === '*' || dev === name);
}

/** Whether things of this kind, in ip's words, go. */
function goes({ what }: Loss, kind: string, family: 4 | 6): boolean {
  if (what === 'port') return false;
  if (what === 'whole') return ['address', 'route', 'neighbour', 'proxy', 'nexthop'].includes(kind);
  switch (kind) {
    case 'address':
      return what !== 'neighbours' && family === 6;
    case 'route':
      return what === 'all' || (what === 'ipv6' && family === 6);
    case 'neighbour':
      return what !== 'ipv6' || family === 6;
    case 'proxy':
      // Of another MAC address they take no notice (neigh_changeaddr() in net/core/neighbour.c).
      return what === 'all' || (what === 'ipv6' && family === 6);
    case 'nexthop':
      return what === 'all';
    default:
      return false;
  }
}
