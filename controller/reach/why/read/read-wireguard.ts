import type { Link } from '../seen/evidence-link.ts';

type Wireguard = NonNullable<Link['wireguard']>;

/**
 * Lines of `wg show all dump` without private and preshared keys: of a device its public key, port and mark; of a peer its key,
 * endpoint, allowed addresses, last handshake, bytes both ways and keepalive. Lines of another form are passed over.
 */
export function readWireguard(lines: string): ReadonlyMap<string, Wireguard> {
  const found = new Map<string, Wireguard>();
  for (const fields of lines.split('\n').map((line) => line.split('\t'))) {
    const [dev = '', key = '', third = '', fourth = '', handshake = ''] = fields;
    if (fields.length === 4) {
      found.set(dev, { key: none(key), port: Number(third) || 0, mark: Number(fourth) || 0, peers: [] });
    }
    if (fields.length !== 8) continue;
    found.get(dev)?.peers.push({
      key,
      endpoint: none(third),
      allowedIps: none(fourth) === '' ? [] : fourth.split(','),
      handshake: Number(handshake) || 0,
    });
  }
  return found;
}

function none(word: string): string {
  return word === '(none)' ? '' : word;
}
