import type { Action } from '../../modules/module.ts';
import { networkOf, parseCidr, parseIp } from '../../modules/shared/ip-address.ts';
import { after, ipWords, linksOf } from '../steps/touched.ts';

/** How packets go between this host and the controller. */
export interface Way {
  /** Links that they pass, with those beneath and above. */
  readonly devs: ReadonlySet<string>;
  /** Addresses that must be reached: the controller's as this host sees it, and gateways to it. */
  readonly far: readonly string[];
  /** This host's addresses that the controller speaks to. */
  readonly near: readonly string[];
}

const firewalls = /^(nft|(ip6?|eb|arp)tables(-(legacy|nft))?(-restore)?|ipset|ufw|firewall-cmd)$/;
/** Programs that change a link when they name it. */
const linkTools = new Set(['ip', 'tc', 'ethtool', 'bridge', 'ifconfig', 'brctl', 'wg']);

/**
 * True when an action could cut the way. It is the wary answer: a change that turns out harmless costs a confirmation
 * nobody notices. Only the host's own namespace counts: the controller's connections end there.
 */
export function touchesWay(action: Action, way: Way): boolean {
  switch (action.op) {
    case 'ip':
      return action.netns === undefined && commandTouches(action, way);
    case 'sysctl':
      return action.netns === undefined && sysctlTouches(action.key.replaceAll('/', '.'), action.value, way);
    case 'exec': {
      const { argv, netns } = action.command;
      const program = argv[0]?.split('/').at(-1) ?? '';
      if (netns !== undefined) return false;
      return firewalls.test(program) || (linkTools.has(program) && argv.some((word) => way.devs.has(word)));
    }
    case 'nft':
    case 'nft-rule':
      return action.netns === undefined;
    case 'tc':
    case 'wg':
    case 'macsec':
      return action.netns === undefined && way.devs.has(action.dev);
    case 'bridge':
      return action.netns === undefined && way.devs.has(after(action.args, 'dev') ?? '');
    case 'ethtool':
      return action.netns === undefined && action.args.some((word) => way.devs.has(word));
    default:
      return false;
  }
}

function commandTouches(action: Extract<Action, { op: 'ip' }>, way: Way): boolean {
  const words = ipWords(action.args);
  const [object = '', verb = '', ...rest] = words;
  const removes = ['del', 'delete', 'flush'].includes(verb);
  const onWay = way.devs.has(after(rest, 'dev') ?? '');
  switch (object) {
    case 'link':
      // A new link does no harm by itself, unless it takes the whole parent for itself.
      if (verb === 'add') return way.devs.has(after(rest, 'link') ?? '') && rest.includes('passthru');
      return linksOf(action).some((name) => way.devs.has(name));
    case 'address':
      // An address that comes brings a route to its network, and makes itself local.
      return onWay || (removes ? isNear(rest[0], way) : holds(rest[0] ?? '', way.far));
    case 'route':
      return verb === 'flush' || routeTouches(rest, action.args[0] === '-6' ? 6 : 4, way);
    case 'rule':
      return ruleTouches(rest, way);
    case 'nexthop':
      return removes || verb === 'replace';
    case 'neighbour':
      return onWay && way.far.includes(rest[0] ?? '');
    default:
      return onWay;
  }
}

const routeTypes = new Set(
  'unicast local broadcast multicast anycast throw unreachable prohibit blackhole nat'.split(' '),
);

function routeTouches(words: readonly string[], family: 4 | 6, way: Way): boolean {
  const destination = words.find((word) => !routeTypes.has(word)) ?? '';
  if (destination === 'default') return way.far.some((address) => parseIp(address)?.family === family);
  return holds(destination, way.far);
}

/** A rule that selects other packets than those of the way leaves it alone. */
function ruleTouches(words: readonly string[], way: Way): boolean {
  const [from = 'all', to = 'all', iif = 'lo'] = [after(words, 'from'), after(words, 'to'), after(words, 'iif')];
  const meets = (network: string, addresses: readonly string[]) => network === 'all' || holds(network, addresses);
  return meets(from, way.near) && meets(to, way.far) && (iif === 'lo' || way.devs.has(iif));
}

/** What leaves the host's own packets alone. */
const harmlessSettings = new Set(['forwarding', 'mc_forwarding', 'send_redirects', 'log_martians', 'proxy_arp']);

function sysctlTouches(key: string, value: string, way: Way): boolean {
  if (key.startsWith('net.bridge.')) return true;
  if (key === 'net.ipv4.ip_forward') return value.trim() === '0';
  const [, digit, dev, setting = ''] = /^net\.ipv([46])\.conf\.(.+)\.(\w+)$/.exec(key) ?? [];
  if (dev !== 'all' && ![...way.devs].some((name) => name === dev)) return false;
  if (!way.far.some((address) => address.includes(':') === (digit === '6'))) return false;
  // Others may come through this host; and an IPv6 router listens to no other (accept_ra).
  if (setting === 'forwarding') return digit === '6' || value.trim() === '0';
  return !harmlessSettings.has(setting);
}

function isNear(text: string | undefined, way: Way): boolean {
  return way.near.includes(parseCidr(text ?? '')?.address ?? '');
}

/** True when one of the addresses is inside the network. */
function holds(network: string, addresses: readonly string[]): boolean {
  const cidr = parseCidr(network);
  if (cidr === undefined) return false;
  const wanted = networkOf(cidr).address;
  return addresses.some((address) => {
    const family = parseIp(address)?.family;
    return family === cidr.family && networkOf({ ...cidr, address }).address === wanted;
  });
}
