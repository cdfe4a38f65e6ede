import type { ActingHost } from '../../linux/acting-host.ts';
import { bridgeRows } from '../../modules/shared/bridge/query.ts';
import { info } from '../../modules/shared/link/attribute.ts';
import { kindOf } from '../../modules/shared/link/state.ts';
import { type Row, text } from '../../modules/shared/rows.ts';
import type { Peer } from './peer.ts';

/**
 * Where the outer packets of a tunnel go: both ends, the far one of each peer. None for any other link, and for a tunnel
 * whose ends the kernel does not say (a program's behind a tun, IPsec's in its states).
 */
export async function outerEnds(link: Row, host: ActingHost): Promise<readonly Peer[]> {
  const dev = text(link, 'ifname') ?? '';
  const data = info(link);
  // "any", 0.0.0.0 and :: are no address that packets go to.
  const address = (...keys: readonly string[]) =>
    keys.map((key) => text(data, key)).find((value) => value !== undefined && !/^(any|0\.0\.0\.0|::)$/.test(value));
  const remotes = [address('remote', 'remote6')];
  const kind = kindOf(link);
  if (kind === 'vxlan') remotes.push(...(await fdbEnds(dev, host)));
  if (kind === 'wireguard') remotes.push(...(await wireguardEnds(dev, host)));
  const local = address('local', 'local6');
  return remotes.flatMap((remote) => (remote === undefined ? [] : [{ remote, local }]));
}

/** Hosts to which a VXLAN sends frames, by its table of MAC addresses. */
async function fdbEnds(dev: string, host: ActingHost): Promise<readonly (string | undefined)[]> {
  const entries = (await bridgeRows(host, undefined, ['fdb', 'show', 'dev', dev])) ?? [];
  return [...new Set(entries.map((row) => text(row, 'dst')))];
}

/** "PUBLIC-KEY<tab>192.0.2.7:51820" for each peer, or "[fd00::7]:51820", or "(none)": wg(8). */
async function wireguardEnds(dev: string, host: ActingHost): Promise<readonly (string | undefined)[]> {
  const { stdout } = await host.exec(
    { argv: ['wg', 'show', dev, 'endpoints'] },
    { onlyReads: true, timeoutMs: 15_000 },
  );
  return stdout.split('\n').map((line) => /\t\[?([\da-fA-F.:]+?)\]?:\d+$/.exec(line)?.[1]);
}
