import { readWords } from './read-words.ts';
import { one, onlyAsks, plain, type TaskOf, type Translated } from './translated.ts';

/** The length of the prefix that a netmask of IPv4 stands for; undefined: it is no netmask. */
function prefixOf(netmask: string): number | undefined {
  const bytes = netmask.split('.').map(Number);
  const bits = bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits) && bits.length === 32 ? bits.replaceAll('0', '').length : undefined;
}

/** `address` with the prefix of a netmask, where it says none itself. */
function network(address: string, netmask: unknown): { readonly text: string } | { readonly reason: string } {
  if (netmask === undefined || address.includes('/')) return { text: address };
  const prefix = prefixOf(String(netmask));
  return prefix === undefined ? { reason: `${netmask} is no netmask` } : { text: `${address}/${prefix}` };
}

const interfaceWords = {
  ...{ netmask: 'netmask', broadcast: 'broadcast', mtu: 'mtu', txqueuelen: 'txqueuelen', ether: 'address' },
  ...{ up: { state: 'up' }, down: { state: 'down' }, promisc: { promisc: true }, '-promisc': { promisc: false } },
};

/** `ifconfig DEV [ADDRESS [netmask MASK]] [up] ...` (ifconfig(8)). */
export function ifconfigTask([dev, ...words]: readonly string[]): Translated {
  if (dev === undefined || dev.startsWith('-') || words.length === 0) return onlyAsks;
  if (dev.includes(':') && !dev.includes('{{')) return { reason: 'it gives an address a label of its own' };
  const found = readWords(
    words.filter((word) => word !== 'hw' && word !== 'inet'),
    interfaceWords,
  );
  if ('reason' in found) return found;
  const { netmask, broadcast, ...link } = found.params;
  const { first } = found;
  const set: TaskOf = { module: 'link', params: { name: dev, ...link } };
  if (first === undefined) return { tasks: [set] };
  if (first === '0.0.0.0' || first === '0') return { reason: 'it takes all its IPv4 addresses away' };
  const address = network(first, netmask);
  if ('reason' in address) return address;
  // An address sets the link up, too.
  const up: TaskOf = { module: 'link', params: { name: dev, state: 'up', ...link } };
  const more = broadcast === undefined ? {} : { broadcast };
  return { tasks: [{ module: 'address', params: { address: address.text, dev, ...more } }, up] };
}

const routeWords = { netmask: 'netmask', gw: 'via', dev: 'dev', metric: 'metric', '-net': {}, '-host': {} };

/** `route add|del [-net|-host] DST [netmask MASK] [gw VIA] [dev DEV]` (route(8)). */
export function routeTask([command, ...words]: readonly string[]): Translated {
  if (command !== 'add' && command !== 'del') return command === undefined || command === '-n' ? onlyAsks : unknown;
  const found = readWords(words, routeWords);
  if ('reason' in found) return found;
  const { netmask, ...params } = found.params;
  if (found.first === undefined) return { reason: 'it names no destination' };
  const dst = network(found.first, netmask);
  if ('reason' in dst) return dst;
  const gone = command === 'del' ? { state: 'absent' } : {};
  return one('route', { dst: dst.text, ...params, ...gone });
}

const unknown = { reason: "orch has no task for route's other options" };

/** `vconfig add DEV VID`, `vconfig rem LINK` (vconfig(8)). */
export function vconfigTask([command, dev, vid]: readonly string[]): Translated {
  if (command === 'rem') return one('link', { name: dev, state: 'absent' });
  if (command !== 'add' || vid === undefined) return { reason: `orch has no task for "vconfig ${command}"` };
  return one('vlan', { name: `${dev}.${vid}`, parent: dev, id: plain(vid) });
}

/** `brctl addbr|delbr BRIDGE`, `brctl addif|delif BRIDGE DEV`, `brctl stp BRIDGE on|off` (brctl(8)). */
export function brctlTask([command = '', bridge, port]: readonly string[]): Translated {
  if (command.startsWith('show')) return onlyAsks;
  switch (bridge === undefined ? undefined : command) {
    case 'addbr':
      return one('bridge', { name: bridge });
    case 'delbr':
      return one('bridge', { name: bridge, state: 'absent' });
    case 'addif':
      return one('link', { name: port, master: bridge });
    case 'delif':
      return one('link', { name: port, master: '' });
    case 'stp':
      return one('bridge', { name: bridge, stp: port === 'on' || port === 'yes' || port === '1' });
    default:
      return { reason: `orch has no task for "brctl ${command}"` };
  }
}
