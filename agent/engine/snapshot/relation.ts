import type { Action } from '../../linux/action.ts';
import { number, type Row, text } from '../../modules/shared/rows.ts';
import { after, ipWords, linkStateOf, linksOf, namespacesOf, sysctlOf } from '../steps/touched.ts';
import { devicesOf } from './devices.ts';
import { belowIpv6, foretold, isIpv6, isNewLinkLocal, risksOf } from './risks.ts';
import { type Difference, ownNetns } from './state.ts';

/** True when the action, or what the kernel does along with it, makes, changes or removes what differs. */
export function touches(action: Action, difference: Difference): boolean {
  const along = risksOf(action).some((risk) => risk.kind === 'sysctls' && foretold(risk, difference));
  return along || concerns(action, difference);
}

/** True when the action makes, changes or removes what differs, or what it stands on. */
export function concerns(action: Action, difference: Difference): boolean {
  if (!namespacesOf(action).some((netns) => (netns ?? ownNetns) === difference.netns)) return false;
  switch (action.op) {
    case 'netns-add':
    case 'netns-delete':
      return true;
    case 'sysctl':
      return difference.section === 'sysctls' && difference.key === sysctlOf(action);
    case 'nft':
    case 'nft-rule':
      return difference.section === 'nft tables' && difference.key === `${action.family} ${action.table}`;
    case 'tc':
      return (
        ['qdiscs', 'classes and filters'].includes(difference.section) && devicesOf(difference).includes(action.dev)
      );
    case 'wg':
    case 'macsec':
      return difference.section === 'links' && difference.key === action.dev;
    case 'bridge':
      return concernsBridge(action.args, difference);
    case 'ethtool':
      return difference.section === 'links' && action.args.includes(difference.key);
    case 'ip':
      return concernsIp(action, difference);
    case 'exec':
    case 'daemon':
    case 'daemon-remove':
    case 'file':
      return false;
  }
}

/** True when what is new would go with the action, which has another object: with an inverse so that nothing is to put it back. */
export function takesAlong(action: Action, difference: Difference): boolean {
  const { netns, section, after: now } = difference;
  const devs = devicesOf(difference);
  if (typeof now !== 'object' || !namespacesOf(action).some((name) => (name ?? ownNetns) === netns)) return false;
  if (action.op === 'sysctl') {
    const [, dev = '', last] =
      /^net\/ipv6\/conf\/([^/]+)\/(disable_ipv6|forwarding)$/.exec(sysctlOf(action) ?? '') ?? [];
    if (!devs.some((name) => dev === 'all' || dev === name)) return false;
    if (last === 'forwarding') return action.value === '0' && now.type === 'anycast';
    return action.value !== '0' && ofIpv6.includes(section) && isIpv6(now);
  }
  if (action.op !== 'ip' || !linksOf(action).some((dev) => devs.includes(dev))) return false;
  const { args } = action;
  // Addresses of IPv4, with the routes to them, stay on a link that is down.
  const goesDown = section === 'routes' ? now.type !== 'local' || now.family === 6 : section === 'nexthops';
  if (linkStateOf(action) === 'down' && (goesDown || isNewLinkLocal(difference))) return true;
  if (belowIpv6(args) && ofIpv6.includes(section) && isIpv6(now)) return true;
  const isOfPort = section === 'bridge vlans' || (section === 'fdb' && 'master' in now);
  return isOfPort && (args.includes('master') || args.includes('nomaster'));
}

const ofIpv6: readonly Difference['section'][] = ['addresses', 'routes', 'neighbours'];

const bridgeTables: Readonly<Record<string, Difference['section']>> = { vlan: 'bridge vlans', fdb: 'fdb', mdb: 'mdb' };

function concernsBridge(args: readonly string[], difference: Difference): boolean {
  const [table = ''] = args;
  const { section, before, after: now } = difference;
  if (section !== 'links' && section !== bridgeTables[table]) return false;
  if (!devicesOf(difference).some((dev) => args.includes(dev))) return false;
  const row = before ?? now;
  const entry = typeof row === 'object' ? (text(row, 'mac') ?? text(row, 'grp')) : undefined;
  return section === 'links' || entry === undefined || args.includes(entry);
}

function concernsIp(action: Extract<Action, { op: 'ip' }>, difference: Difference): boolean {
  if (linksOf(action).some((name) => devicesOf(difference).includes(name))) return true;
  const [object = ''] = ipWords(action.args);
  const words = ipWords(action.args);
  const rows = [difference.before, difference.after].filter((item): item is Row => typeof item === 'object');
  const dev = after(words, 'dev');
  const onIt = dev === undefined || devicesOf(difference).includes(dev);
  const said = (value: string | undefined) => value !== undefined && words.some((word) => sameAddress(word, value));
  switch (`${object[0]} ${difference.section}`) {
    case 'a addresses':
      return onIt && rows.some((row) => said(text(row, 'local')));
    case 'a routes':
      return onIt && rows.some((row) => said(text(row, 'prefsrc')) || said(text(row, 'dst')));
    case 'r routes':
      return object !== 'rule' && onIt && rows.some((row) => said(text(row, 'dst')) && sameSlot(row, action.args));
    case 'r rules':
      return object === 'rule' && rows.some((row) => words.includes(String(number(row, 'priority'))));
    case 'n neighbours':
      return onIt && rows.some((row) => said(text(row, 'dst')));
    case 'n nexthops':
      return rows.some((row) => after(words, 'id') === String(number(row, 'id')));
    default:
      return false;
  }
}

/** Each network has one route of a metric in a table; the default one is two networks. */
function sameSlot(row: Row, words: readonly string[]): boolean {
  const isSix = words[0] === '-6' || words.includes('::/0');
  if (text(row, 'dst') === 'default' && (row.family === 6) !== isSix) return false;
  const usual = row.family === 6 ? 1024 : 0;
  const isMetric = (row.metric ?? usual) === Number(after(words, 'metric') ?? usual);
  return isMetric && (text(row, 'table') ?? 'main') === (after(words, 'table') ?? 'main');
}

/** Networks and addresses as ip prints them leave out the prefix of a single address, and say "default". */
function sameAddress(word: string, printed: string): boolean {
  if (word === printed) return true;
  if (printed === 'default') return word === '0.0.0.0/0' || word === '::/0';
  return !printed.includes('/') && word.split('/')[0] === printed;
}
