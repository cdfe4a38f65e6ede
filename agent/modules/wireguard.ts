import { isDeepStrictEqual } from 'node:util';
import { defineLinkKind } from './shared/link/define.ts';
import type { CommonParams } from './shared/link/types.ts';
import { emptyConfig } from './shared/wireguard/config.ts';
import { type WireguardParams, wireguardFields, wireguardProblems } from './shared/wireguard/params.ts';
import { planWireguard, syncAction } from './shared/wireguard/plan.ts';
import { readWireguard, type State } from './shared/wireguard/read.ts';

type Params = CommonParams & WireguardParams;

export const module = defineLinkKind<Record<string, never>, State>({
  name: 'wireguard',
  summary: 'Makes or removes a wireguard link: an encrypted tunnel to peers that are known by their public keys.',
  notes:
    'Registers `public_key`, the public key of the link. Private and preshared keys are never on a command line, in a ' +
    "diff, a log or a report; keys that a change replaced are kept in the lab's ledger on the host, which only root can " +
    'read, until `orch destroy` brings them back. An `endpoint` that moved since counts as a difference. Linux turns ' +
    'net.ipv4.conf.all.send_redirects off when a wireguard link comes up; `orch destroy` turns it on again. Needs ' +
    'wireguard-tools on the host.',
  examples: [
    'wireguard:\n  name: wg0\n  netns: ns01\n  generate: true\n  listen_port: 51820\n  state: up',
    'wireguard:\n  name: wg0\n  private_key_file: /etc/wireguard/wg0.key\n  peers:\n    - public_key: ACfiyZxFDuAi8PxEscuxBi4ttM7uHM8F8Kp1Dr9zWCM=\n      endpoint: 172.16.91.14:51820\n      allowed_ips: [10.8.0.2/32, 192.168.7.0/24]\n  state: up',
  ],
  needs: 'the kernel module wireguard (CONFIG_WIREGUARD)',
  underlay: 'hidden',
  attributes: {},
  without: { address: 'wireguard links have no MAC address' },
  fresh: { arp: false, multicast: false },
  check: (params) => wireguardProblems(params as Partial<WireguardParams>),
  extra: {
    fields: wireguardFields,
    needs: () => [{ what: 'program', which: 'wg' }],
    read: (params, host, link) => readWireguard(params as unknown as Params, host, link?.up),
    plan: (params, state) => planWireguard(params as unknown as Params, state),
    remake: (params, { present }) => (isDeepStrictEqual(present, emptyConfig) ? [] : [syncAction(params, present)]),
  },
});
