import { holdersOf, placeText, sameNetwork } from '../seen/facts.ts';
import { flowList, quoted } from '../seen/flow.ts';
import { endpointOf, isHostOf, wireguardHops } from '../way/wireguard.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

export const cause = defineCause({
  name: 'wireguard-endpoint',
  summary: 'A WireGuard device has no endpoint for its peer, or one where the peer does not listen.',
  find: (evidence) =>
    wireguardHops(evidence).flatMap(({ departure, own, peer, far }): readonly Finding[] => {
      const { index, stage } = departure;
      // Once there was a session, the endpoint is where it was heard from.
      if (peer === undefined || far === undefined || peer.handshake !== 0) return [];
      const { address = '', port } = endpointOf(peer) ?? {};
      const isThere = isHostOf(evidence, far, peer);
      if (isThere && port === far.settings.port) return [];
      // What nobody looked at may be a router that leads on to the peer; not so one of a network of the peer's.
      const others = evidence.places
        .filter(({ host }) => host === far.place.host)
        .flatMap(({ addresses }) => addresses);
      const isNear = others.some((held) => sameNetwork(held.address, address, held.prefix));
      if (address !== '' && !isNear && holdersOf(evidence, address).length === 0) return [];
      const { host, netns } = own.place;
      const right = isThere
        ? address
        : far.place.addresses.find((held) =>
            own.place.addresses.some(
              (mine) =>
                mine.dev !== own.link.name &&
                held.dev !== far.link.name &&
                !/^(fe8|127\.|::1)/.test(held.address) &&
                sameNetwork(mine.address, held.address, held.prefix),
            ),
          )?.address;
      const wanted =
        right === undefined ? undefined : `${right.includes(':') ? `[${right}]` : right}:${far.settings.port}`;
      const text = `${far.link.name} of ${placeText(far.place)}`;
      return [
        {
          ...foundAt({ index, stage, place: own.place, dev: own.link.name }, 'likely'),
          sentence:
            peer.endpoint === ''
              ? `${own.link.name} of ${placeText(own.place)} knows no endpoint of its peer, ${text}, and cannot begin.`
              : `${own.link.name} of ${placeText(own.place)} sends to ${peer.endpoint}, but its peer, ${text}, listens on ${isThere ? `port ${far.settings.port}` : (wanted ?? `port ${far.settings.port} of another address`)}, and there was no handshake yet.`,
          proof: [
            `wg show ${own.link.name} endpoints in ${placeText(own.place)}: ${peer.endpoint || '(none)'}`,
            `wg show ${far.link.name} listen-port in ${placeText(far.place)}: ${far.settings.port}`,
          ],
          ...(wanted === undefined
            ? {}
            : {
                mend: mend(
                  host,
                  task(
                    'Give the peer its endpoint',
                    'command',
                    {
                      argv: flowList('wg', 'set', own.link.name, 'peer', quoted(peer.key), 'endpoint', quoted(wanted)),
                    },
                    netns,
                  ),
                ),
              }),
        },
      ];
    }),
});
