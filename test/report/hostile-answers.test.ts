import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { waitingRun } from '../../controller/commands/confirm.ts';
import { headline } from '../../controller/commands/rollback.ts';
import { clockError } from '../../controller/connect/bootstrap/bootstrap-errors.ts';
import { parseFacts } from '../../controller/connect/bootstrap/host-facts.ts';
import { destroyOn } from '../../controller/connect/calls/destroy.ts';
import { Observer } from '../../controller/connect/calls/observer.ts';
import type { AgentConnection } from '../../controller/connect/types.ts';
import { ChangeLog } from '../../controller/reach/watch/change-log.ts';
import { readVlans } from '../../controller/reach/why/read/read-bridge.ts';
import { readNft } from '../../controller/reach/why/read/read-nft.ts';
import { readTc } from '../../controller/reach/why/read/read-tc.ts';
import { CleanPieces } from '../../controller/report/clean.ts';
import { destroyedText } from '../../controller/report/destroy-text.ts';
import { PrefixedLines } from '../../controller/report/prefixed-lines.ts';
import { restoredText } from '../../controller/report/run/restored-text.ts';
import { confirmedText } from '../../controller/report/run/settled-text.ts';
import { createStyle } from '../../controller/report/style.ts';
import { changesText } from '../../controller/report/why/watch-text.ts';

const style = createStyle(false);
const words = '\u001b]0;owned\u0007\u001b[2J\u202e\r\nok: [vm01]';
// biome-ignore lint/suspicious/noControlCharactersInRegex: what must never be printed.
const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;
const forged = /^ok: \[vm01\]/m;

test('kinds of a proof and names of runs are words of hosts, too', () => {
  const proof = { proved: true, compared: { [words]: 1 }, differences: [], unread: [] };
  const settlement = { kept: true, reason: '', hosts: [] };
  for (const text of [
    destroyedText({ host: 'vm01', objects: [], proof }, false, style),
    headline([words], false),
    confirmedText('lab', words, settlement, style),
  ]) {
    expect(text).not.toMatch(obeyed);
    expect(text).not.toMatch(forged);
  }
});

test('a time that no calendar has ends nothing', () => {
  const lab = { ok: 1, changed: 0, failed: [], whenMs: Number.MAX_SAFE_INTEGER };
  expect(restoredText(lab)).toContain('+275760-09-13');
  for (const clock of ['99999999999999999999', '-99999999999999999999']) {
    expect(clockError('vm01', parseFacts([`clock ${clock}`]))?.code).toBe('bootstrap-failed');
  }
});

test('a host that says that it waits for weeks has nobody wait for weeks, or with timers that are none', () => {
  const checkpoint = { run: 'r', prepared: false, remainingMs: 4_294_967_295, reason: '' };
  const asked = [{ host: 'vm01', lab: { checkpoint } }] as unknown as Parameters<typeof waitingRun>[0];
  expect(waitingRun(asked, undefined, 'lab').seconds).toBe(86_400);
});

test('one long name, or very many names, make no other line long', () => {
  const long = { object: 'x'.repeat(100_000), what: '', outcome: 'undone', reason: '' } as const;
  const objects = [long, ...Array.from({ length: 200_000 }, () => ({ ...long, object: 'link a' }))];
  expect(destroyedText({ host: 'vm01', objects }, false, style).length).toBeLessThan(100e6);
});

test('changes of a host are told in so many characters', () => {
  const log = new ChangeLog();
  const change = { netns: 'n'.repeat(1e6), monotonicUs: 5, what: 'w'.repeat(1e6), text: 'route add '.repeat(1e6) };
  log.add('vm01', { all: Array.from({ length: 20 }, () => change), leftOut: 0 }, 0);
  const text = changesText(log.since(0), { us: 9, text: '', answeredUs: undefined }, 0, 80, style);
  expect(text.length).toBeLessThan(100_000);
});

test('a destroy that is told without end is broken off', async () => {
  let cancelled = false;
  async function* endless() {
    while (!cancelled) yield { object: 'x'.repeat(1e6) };
  }
  const call = { cancel: () => (cancelled = true), [Symbol.asyncIterator]: endless };
  const connection = { host: 'vm01', client: { destroy: () => call } } as unknown as AgentConnection;
  const request = { lab: 'lab', run: '', holder: 'me', check: false, waitMs: 0 };
  const all = async () => {
    let count = 0;
    for await (const _ of destroyOn(connection, request, new AbortController().signal)) if (++count > 1000) return;
  };
  await expect(all()).rejects.toMatchObject({ detail: expect.stringContaining('more than') });
  expect(cancelled).toBe(true);
});

test('a line without end is passed on in lines with their prefix', () => {
  const lines = new PrefixedLines('vm01 | ');
  let passed = 0;
  for (let piece = 0; piece < 64; piece++) passed += lines.add(Buffer.alloc(65_536, 'x')).length;
  expect(passed).toBeGreaterThan(3e6);
});

test('what several hosts say on a terminal is cleaned, and no line of one reads as the line of another', () => {
  const lines = new PrefixedLines('vm01 | ', new CleanPieces());
  const said = [lines.add(Buffer.from(`a\u001b`)), lines.add(Buffer.from('[2Jb\rvm02 | c\n\u001b')), lines.end()];
  expect(Buffer.concat(said).toString()).toBe('vm01 | ab\ufffdvm02 | c\nvm01 | \ufffd\n');
});

test('VLANs are told by ranges: few words are not many in memory', () => {
  const vlans = Array.from({ length: 1000 }, () => ({ vlan: 1, vlanEnd: 4094 }));
  const read = readVlans(
    JSON.stringify([
      { ifname: 'a', vlans },
      { ifname: 'b', vlans: [{ vlan: 7 }] },
    ]),
  );
  expect(read.get('a')?.length).toBeLessThan(510_000);
});

// Each took minutes where a host that says ten times as many takes hours.
test('tables without end, and devices and questions by the ten thousand, are read in time that grows with them', () => {
  expect(readNft('table inet orch_why_000000000000 {\n'.repeat(60_000)).nftRules).toEqual([]);
  const qdiscs = Array.from({ length: 60_000 }, () => ({ dev: 'a', kind: 'ingress' }));
  expect(readTc(`qdisc\t${JSON.stringify(qdiscs)}\n${'b root\t[]\n'.repeat(60_000)}`).filters).toEqual([]);
});

const view = (text: string) => ({ netns: '', inode: 1, readings: [{ name: 'link', text, unread: '' }] });

test.each([
  { $case: 'looked', value: { views: Array.from({ length: 10_001 }, () => view('')) } },
  { $case: 'looked', value: { views: [view('x'.repeat(5e6))] } },
  { $case: 'collected', value: { events: Array.from({ length: 5001 }, () => ({})), nft: [], lacking: [] } },
])('an agent that tells of more than an agent does is not heard out', async (message) => {
  const call = Object.assign(new PassThrough({ objectMode: true }), { cancel: () => undefined });
  const connection = { host: 'vm01', client: { observe: () => call } } as unknown as AgentConnection;
  const observer = new Observer(connection, 10_000, new AbortController().signal);
  call.write = (() => call.emit('data', { id: 1, message })) as typeof call.write;
  const asked =
    message.$case === 'looked' ? observer.look({ namespaces: [], readings: [] }) : observer.collect({ ident: 0 });
  await expect(asked).rejects.toMatchObject({
    code: 'connection-lost',
    summary: expect.stringContaining('tells more'),
  });
});
