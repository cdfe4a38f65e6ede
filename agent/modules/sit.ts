import { checked, networkProblem } from './shared/fields.ts';
import { parseCidr } from './shared/ip-address.ts';
import { type Attribute, info, toggle } from './shared/link/attribute.ts';
import { defineLinkKind } from './shared/link/define.ts';
import { around, ends4, mode, outer4, tunnelProblems, wholeTunnel } from './shared/link/ip-tunnel.ts';
import { number, text } from './shared/rows.ts';

/** One of 6rd's prefixes (RFC 5969). The kernel shows the one of 6to4 where none was given. */
function prefix(description: string, family: 4 | 6, word: string, json: string, unset: string): Attribute<string> {
  return {
    field: checked((network) =>
      parseCidr(network)?.family === family ? networkProblem(network) : `is no IPv${family} network`,
    ).describe(description),
    shows: (row) => {
      const address = text(info(row), json);
      return address === undefined ? unset : `${address}/${number(info(row), `${json}len`)}`;
    },
    words: (value) => [word, value],
    change: 'in place',
    unset,
  };
}

const attributes = {
  mode: mode(['any', 'ip6ip', 'ipip', 'mplsip'], 'replace', 'any'),
  ...ends4(false),
  ...outer4,
  isatap: toggle(
    'Intra-site automatic tunnel addressing (RFC 5214).',
    'isatap',
    { on: ['isatap'], off: [] },
    { change: 'replace', unset: false },
  ),
  sixrd_prefix: prefix('IPv6 prefix of 6rd (RFC 5969).', 6, '6rd-prefix', 'prefix', '2002::/16'),
  sixrd_relay_prefix: prefix(
    'IPv4 prefix that all its relays share.',
    4,
    '6rd-relay_prefix',
    'relay_prefix',
    '0.0.0.0/0',
  ),
  ...around,
};

export const module = defineLinkKind({
  name: 'sit',
  summary: 'Makes or removes a sit tunnel: IPv6 in IPv4.',
  examples: ['sit:\n  name: sit1\n  local: 172.16.91.10\n  remote: 172.16.91.14\n  ttl: 64\n  state: up'],
  needs: 'the kernel module sit (CONFIG_IPV6_SIT)',
  relation: { role: 'parent', need: 'optional', as: 'dev' },
  underlay: 'own',
  attributes,
  without: { address: "a sit link's address is the tunnel's own end: local" },
  fresh: { arp: false, multicast: false },
  together: wholeTunnel(attributes),
  ownMtu: true,
  check: tunnelProblems,
});
