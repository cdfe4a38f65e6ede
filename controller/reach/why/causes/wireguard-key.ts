import { placeText } from '../facts.ts';
import { keyText, wireguardHops } from '../wireguard.ts';
import { defineCause, type Finding } from './cause.ts';

export const cause = defineCause({
  name: 'wireguard-key',
  summary: 'A WireGuard device has another public key for its peer than the peer has, or the peer has another of it.',
  find: (evidence) =>
    wireguardHops(evidence).flatMap(({ departure, own, settings, peer, far, stranger }): readonly Finding[] => {
      const { index, stage } = departure;
      const at = (node: typeof own, sentence: string, proof: readonly string[]): Finding => ({
        stage: index,
        confidence: 'likely',
        host: node.place.host,
        netns: node.place.netns,
        device: node.link.name,
        direction: stage.direction,
        sentence,
        proof,
      });
      const text = ({ place, link }: typeof own) => `${link.name} of ${placeText(place)}`;
      const shows = ({ place, link }: typeof own, key: string) =>
        `wg show ${link.name} public-key in ${placeText(place)}: ${keyText(key)}`;
      const peers = ({ place, link }: typeof own) => `wg show ${link.name} peers in ${placeText(place)}`;
      if (peer === undefined) return [];
      if (far === undefined && stranger !== undefined) {
        return [
          at(
            own,
            `${text(own)} sends the ${stage.direction} to a peer with key ${keyText(peer.key)}, but the other end, ${text(stranger)}, has key ${keyText(stranger.settings.key)}: they never agree on a session.`,
            [`${peers(own)}: ${keyText(peer.key)}`, shows(stranger, stranger.settings.key)],
          ),
        ];
      }
      if (far === undefined || far.settings.peers.some(({ key }) => key === settings.key)) return [];
      const keys = far.settings.peers.map(({ key }) => keyText(key)).join(', ') || 'none';
      return [
        at(
          far,
          `${text(far)} has no peer with the key ${keyText(settings.key)} of ${text(own)} (it has ${keys}), and answers nothing that comes from there.`,
          [`${peers(far)}: ${keys}`, shows(own, settings.key)],
        ),
      ];
    }),
});
