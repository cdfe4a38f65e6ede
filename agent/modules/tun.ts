import * as z from 'zod';
import { type Attribute, info, toggle } from './shared/link/attribute.ts';
import { defineLinkKind } from './shared/link/define.ts';
import { text } from './shared/rows.ts';

const modes = z.enum(['tun', 'tap']);

/** Who may open it. ip shows a name where the host has one. */
function owner(description: string, word: 'user' | 'group'): Attribute<string> {
  return {
    field: z
      .string()
      .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$/, 'is no name of a user or group')
      .describe(description),
    shows: (row) => text(info(row), word),
    words: (value) => [word, value],
    change: 'replace',
  };
}

/** A flag of TUNSETIFF: ip has no word for its absence. */
function flag(description: string, word: string): Attribute<boolean> {
  return toggle(description, word, { on: [word], off: [] }, { change: 'replace', unset: false });
}

export const module = defineLinkKind({
  name: 'tun',
  summary:
    'Makes or removes a persistent tun or tap link: its packets go to a program that opens it, and come from there.',
  notes:
    'Its parameters beside those of every link are fixed once it is made. A number as `user` or `owner_group` must have no ' +
    "name on the host, because ip shows the name then. The host's /dev/net/tun makes it.",
  examples: [
    'tun:\n  name: tun0\n  mode: tun\n  user: lab\n  state: up',
    'tun:\n  name: tap0\n  netns: ns01\n  mode: tap\n  multi_queue: true\n  vnet_hdr: true\n  master: br0\n  state: up',
  ],
  needs: 'the kernel module tun (CONFIG_TUN), and /dev/net/tun',
  // Bare packets of IP: there is nobody to ask for.
  fresh: ({ mode }) => (mode === 'tun' ? { arp: false } : {}),
  attributes: {
    mode: {
      field: modes.describe('tun: bare IP packets; tap: Ethernet.'),
      shows: (row) => modes.safeParse(text(info(row), 'type')).data,
      words: (value) => ['mode', value],
      change: 'replace',
    } satisfies Attribute<z.infer<typeof modes>>,
    user: owner('The user that may open it; without it only root.', 'user'),
    owner_group: owner('The group that may open it (`group` of ip tuntap).', 'group'),
    pi: flag('Packets begin with protocol information.', 'pi'),
    vnet_hdr: flag('Packets begin with a virtio header.', 'vnet_hdr'),
    multi_queue: flag('Several queues.', 'multi_queue'),
  },
  making: (name) => ['tuntap', 'add', 'dev', name],
  check: (params) => (params.state !== 'absent' && params.mode === undefined ? [['mode', 'say tun or tap']] : []),
});
