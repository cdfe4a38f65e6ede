import { covers, placeText, wasPassed } from '../seen/facts.ts';
import { flowList, quoted } from '../seen/flow.ts';
import type { Node } from '../seen/node.ts';
import { isHostOf, keyText, listensAt, sourceAbroad, type WireguardPeer, wireguardHops } from '../way/wireguard.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

/** Makes the key known, with what a peer of another key has; allowed-ips go over from peer to peer by themselves (wg(8)). */
function makeKnown({ place, link }: Node, key: string, { endpoint, allowedIps }: WireguardPeer) {
  const words = [
    ...['wg', 'set', link.name, 'peer', quoted(key)],
    ...(endpoint === '' ? [] : ['endpoint', quoted(endpoint)]),
    ...['allowed-ips', quoted(allowedIps.join(','))],
  ];
  const argv = flowList(...words);
  return { mend: mend(place.host, task('Give the peer the key that it has', 'command', { argv }, place.netns)) };
}

export const cause = defineCause({
  name: 'wireguard-key',
  summary: 'A WireGuard device has another public key for its peer than the peer has, or the peer has another of it.',
  find: (evidence) =>
    wireguardHops(evidence).flatMap(({ departure, own, settings, peer, far, stranger }): readonly Finding[] => {
      const { index, stage } = departure;
      const at = (node: Node, sentence: string, proof: readonly string[]): Finding => ({
        ...foundAt({ index, stage, place: node.place, dev: node.link.name }, 'likely'),
        sentence,
        proof,
      });
      const text = ({ place, link }: Node) => `${link.name} of ${placeText(place)}`;
      const shows = ({ place, link }: Node, key: string) =>
        `wg show ${link.name} public-key in ${placeText(place)}: ${keyText(key)}`;
      const peers = ({ place, link }: Node) => `wg show ${link.name} peers in ${placeText(place)}`;
      if (peer === undefined) return [];
      if (far === undefined && stranger !== undefined) {
        // The peer may be a hub that nobody looked at: the key is wrong where the other end is who hears at the endpoint.
        const isOther = stranger.settings.peers.some(({ key }) => key === peer.key);
        const mayBe = peer.handshake === 0 && (peer.endpoint === '' || isHostOf(evidence, stranger, peer));
        if (wasPassed(evidence, index) || !(listensAt(stranger, peer) || (mayBe && !isOther))) return [];
        const finding = at(
          own,
          `${text(own)} sends the ${stage.direction} to a peer with key ${keyText(peer.key)}, but the other end, ${text(stranger)}, has key ${keyText(stranger.settings.key)}: they never agree on a session.`,
          [`${peers(own)}: ${keyText(peer.key)}`, shows(stranger, stranger.settings.key)],
        );
        return [{ ...finding, ...makeKnown(own, stranger.settings.key, peer) }];
      }
      if (far === undefined || far.settings.peers.some(({ key }) => key === settings.key)) return [];
      const keys = far.settings.peers.map(({ key }) => keyText(key)).join(', ') || 'none';
      const known = far.settings.peers.find(({ allowedIps }) =>
        allowedIps.some((one) => covers(one, sourceAbroad(evidence, departure))),
      );
      const finding = at(
        far,
        `${text(far)} has no peer with the key ${keyText(settings.key)} of ${text(own)} (it has ${keys}), and answers nothing that comes from there.`,
        [`${peers(far)}: ${keys}`, shows(own, settings.key)],
      );
      return [{ ...finding, ...(known === undefined ? {} : makeKnown(far, settings.key, known)) }];
    }),
});
