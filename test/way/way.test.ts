import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { findWay } from '../../agent/engine/confirm/find-way.ts';
import { type Peer, sshPeer, tcpPeer } from '../../agent/engine/confirm/peer.ts';
import { touchesWay, type Way } from '../../agent/engine/confirm/way.ts';
import type { Action } from '../../agent/linux/action.ts';
import type { ExecResult, HostCommand } from '../../agent/linux/host.ts';
import { OrchError } from '../../proto/errors.ts';
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
  if (op === 'bridge') return { op, netns, args };
  if (op === 'wg') return { op, netns, dev: args[0] ?? '', config: '' };
  if (op === 'macsec') return { op, netns, dev: args[0] ?? '', args };
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

interface FoundCase {
  readonly name: string;
  readonly peer: Peer;
  readonly ip: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  readonly exec?: Readonly<Record<string, string>>;
  readonly way: { readonly devs: readonly string[]; readonly far: readonly string[]; readonly near: readonly string[] };
  readonly cuts: readonly string[];
  readonly spares: readonly string[];
}

/** Answers what the case has; a route that it does not have is no route. */
class Answering extends FakeHost {
  private readonly answers: FoundCase;

  constructor(answers: FoundCase) {
    super({});
    this.answers = answers;
  }

  override async ip(args: readonly string[]) {
    const rows = this.answers.ip[args.join(' ')];
    if (rows === undefined && args.includes('get'))
      throw new OrchError({ code: 'command-failed', summary: 'no route' });
    return { rows: rows ?? [], missing: false };
  }

  override async exec({ argv }: HostCommand): Promise<ExecResult> {
    const stdout = this.answers.exec?.[argv.join(' ')];
    if (stdout === undefined) throw new Error(`nobody answers ${argv.join(' ')}`);
    return { status: 0, stdout, stderr: '', timedOut: false };
  }
}

const cases = parse(readFileSync(join(import.meta.dirname, 'found.yml'), 'utf8')) as readonly FoundCase[];

test.each(cases)('the way that is found: $name', async (found) => {
  const way = await findWay([found.peer], new Answering(found));
  expect({ ...way, devs: [...way.devs] }).toEqual(found.way);
  expect(found.cuts.filter((line) => !touchesWay(action(line), way))).toEqual([]);
  expect(found.spares.filter((line) => touchesWay(action(line), way))).toEqual([]);
});
