import { placeText } from '../seen/facts.ts';
import { flowList, quoted } from '../seen/flow.ts';
import type { Node } from '../seen/node.ts';
import { keyText, peerFor, sourceAbroad, wireguardHops } from '../way/wireguard.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

/** Words of ENOKEY, which the kernel answers when no peer takes the packet. */
const noPeer = /Required key not available/i;

function allow({ place, link }: Node, key: string, networks: readonly string[]) {
  const argv = flowList('wg', 'set', link.name, 'peer', quoted(key), 'allowed-ips', quoted(networks.join(',')));
  return mend(place.host, task('Let the peer have the address', 'command', { argv }, place.netns));
}

const hostRoute = (address: string) => `${address}/${address.includes(':') ? 128 : 32}`;

export const cause = defineCause({
  name: 'wireguard-allowed-ips',
  summary: 'No peer of a WireGuard device may have the address that a packet is for, or the one that it comes from.',
  find: (evidence) =>
    wireguardHops(evidence).flatMap(({ departure, own, settings, peer, far }): readonly Finding[] => {
      const { index, stage } = departure;
      const { direction } = stage;
      const at = ({ place, link }: Node) => ({ index, stage, place, dev: link.name });
      const text = ({ place, link }: Node) => `${link.name} of ${placeText(place)}`;
      if (peer === undefined) {
        const known = settings.peers.find(({ key }) => key === far?.settings.key);
        return [
          {
            ...foundAt(at(own), direction === 'request' && noPeer.test(evidence.probe.text) ? 'certain' : 'likely'),
            sentence: `No peer of ${text(own)} has ${stage.to} among its allowed-ips, so nobody gets the ${direction}${known === undefined ? '' : `: that with key ${keyText(known.key)} has ${known.allowedIps.join(', ') || 'none'}`}.`,
            proof: [
              `wg show ${own.link.name} allowed-ips in ${placeText(own.place)}: none takes ${stage.to}`,
              ...(noPeer.test(evidence.probe.text) ? [`the probe: ${evidence.probe.text}`] : []),
            ],
            ...(known === undefined ? {} : { mend: allow(own, known.key, [...known.allowedIps, hostRoute(stage.to)]) }),
          },
        ];
      }
      const back = far?.settings.peers.find(({ key }) => key === settings.key);
      if (far === undefined || back === undefined) return [];
      const from = sourceAbroad(evidence, departure);
      if (peerFor(far.settings, from) === back) return [];
      return [
        {
          ...foundAt(at(far), 'likely'),
          sentence: `${text(far)} takes from its peer ${text(own)} only what comes from ${back.allowedIps.join(', ') || 'no address'}, and drops the ${direction} from ${from}.`,
          proof: [
            `wg show ${far.link.name} allowed-ips in ${placeText(far.place)}: ${keyText(back.key)} ${back.allowedIps.join(' ') || '(none)'}`,
          ],
          mend: allow(far, back.key, [...back.allowedIps, hostRoute(from)]),
        },
      ];
    }),
});
