import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { findWay, sshPeer, tcpPeer } from '../../agent/engine/find-way.ts';
import { touchesWay, type Way } from '../../agent/engine/way.ts';
import type { Action } from '../../agent/linux/action.ts';
import { FakeHost } from '../engine/fake-host.ts';

const { way, cuts, spares } = parse(readFileSync(join(import.meta.dirname, 'way.yml'), 'utf8')) as {
  way: { devs: string[]; far: string[]; near: string[] };
  cuts: string[];
  spares: string[];
};
const known: Way = { ...way, devs: new Set(way.devs) };

/** "ns01 ip link set ..." as an action; without a namespace in front: the host's own. */
function action(line: string): Action {
  const words = line.split(' ');
  const netns = words[0]?.startsWith('ns') && words[0] !== 'nft' ? words.shift() : undefined;
  const [op = '', ...args] = words;
  if (op === 'ip') return { op, netns, args };
  if (op === 'sysctl') return { op, netns, key: args[0] ?? '', value: args[1] ?? '' };
  if (op === 'exec') return { op, command: { argv: args, netns } };
  return { op: 'netns-add', name: args[0] ?? '' };
}

describe('the way to the controller', () => {
  test.each(cuts)('could be cut by: %s', (line) => expect(touchesWay(action(line), known)).toBe(true));
  test.each(spares)('is left alone by: %s', (line) => expect(touchesWay(action(line), known)).toBe(false));
});

describe('who calls', () => {
  test.each([
    ['192.0.2.1:51324', '192.0.2.1'],
    ['::ffff:192.0.2.1:51324', '::ffff:192.0.2.1'],
    ['fd00::9:51324', 'fd00::9'],
    ['unknown', undefined],
    ['', undefined],
  ])('%s', (name, remote) => expect(tcpPeer(name)?.remote).toBe(remote));

  test('sshd says both ends', () => {
    expect(sshPeer('192.0.2.1 51324 10.0.0.5 22')).toEqual({ remote: '192.0.2.1', local: '10.0.0.5' });
    expect(sshPeer('UNKNOWN 65535 UNKNOWN 65535')).toBeUndefined();
  });
});

/** Answers of a Debian 13 host whose uplink is a bridge with a VLAN of a port in it. */
class Answering extends FakeHost {
  override async ip(args: readonly string[]) {
    const rows: Record<string, object[]> = {
      'route get 192.0.2.1 from 10.0.0.5': [
        { dst: '192.0.2.1', from: '10.0.0.5', gateway: '10.0.0.1', dev: 'br0', flags: [], uid: 0, cache: [] },
      ],
      'route get 127.0.0.1': [{ type: 'local', dst: '127.0.0.1', dev: 'lo', prefsrc: '127.0.0.1', cache: ['local'] }],
      'link show': [
        { ifname: 'lo' },
        { ifname: 'eth0' },
        { ifname: 'eth0.7', link: 'eth0', master: 'br0' },
        { ifname: 'ipvlan0', link: 'eth0' },
        { ifname: 'br0' },
        { ifname: 'eth9', link: 'eth0', link_netnsid: 0 },
      ],
    };
    return { rows: (rows[args.join(' ')] ?? []) as Record<string, unknown>[], missing: false };
  }
}

test('the way goes through all that its link is made of', async () => {
  const host = new Answering({});
  expect(await findWay([{ remote: '::ffff:192.0.2.1', local: '10.0.0.5' }], host)).toEqual({
    devs: new Set(['br0', 'eth0.7', 'eth0']),
    far: ['192.0.2.1', '10.0.0.1'],
    near: ['10.0.0.5'],
  });
  expect(await findWay([{ remote: '127.0.0.1' }], host)).toEqual({ devs: new Set(), far: [], near: [] });
});
