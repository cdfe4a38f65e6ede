import { expect, test } from 'vitest';
import type { LedgerEntry } from '../../agent/engine/books/ledger-entry.ts';
import { goneReason } from '../../agent/engine/steps/guard.ts';
import { takeAllBack } from '../../agent/engine/undo/undo-order.ts';
import { DestroyResponse_Outcome as Outcome } from '../../proto/gen/orch/v1/agent.ts';

const entry = (seq: number, object: string): LedgerEntry => ({
  ...{ seq, object, run: 'r', removes: false, state: 'done', boot: 'b' },
  undo: [{ op: 'sysctl', key: `k${seq}`, value: '0' }],
});

const said = {
  [Outcome.UNSPECIFIED]: '',
  [Outcome.UNDONE]: 'undone',
  [Outcome.LEFT]: 'left',
  [Outcome.FAILED]: 'failed',
};

/** The numbers of entries as they are tried, where one fails until those that it needs are back. */
async function tried(
  entries: readonly LedgerEntry[],
  needs: Readonly<Record<number, number>>,
  isLeft = (_: number) => false,
  reason = 'changed by someone else',
): Promise<string[]> {
  const done: number[] = [];
  const heard: string[] = [];
  const take = async (lot: readonly LedgerEntry[]) =>
    lot.map((each) => {
      const need = needs[each.seq];
      const met = isLeft(each.seq) ? Outcome.LEFT : Outcome.UNDONE;
      const outcome = need === undefined || done.includes(need) ? met : Outcome.FAILED;
      if (outcome === Outcome.UNDONE) done.push(each.seq);
      return {
        entry: each,
        response: { object: each.object, what: '', outcome, reason: outcome === Outcome.LEFT ? reason : '' },
      };
    });
  for await (const over of takeAllBack(entries, take))
    for (const { entry: each, response } of over) heard.push(`${each.seq} ${said[response.outcome]}`);
  return heard;
}

const all = [entry(3, 'route'), entry(2, 'address'), entry(1, 'route')];

test('what fails is tried again after the others, and before older entries of its object', async () => {
  expect(await tried(all, { 3: 2 })).toEqual(['2 undone', '3 undone', '1 undone']);
});

test('older entries of what has failed for good are taken back, and then nothing is left to do of it', async () => {
  expect(await tried(all, { 3: 9 })).toEqual(['2 undone', '1 undone', '3 left']);
  expect(await tried(all, { 3: 9, 1: 9 })).toEqual(['2 undone', '3 failed', '1 failed']);
  const parts = [
    { ...entry(2, 'link'), part: 'mtu' },
    { ...entry(1, 'link'), part: 'alias' },
  ];
  expect(await tried(parts, { 2: 9 })).toEqual(['1 undone', '2 failed']);
});

test('what an older entry finds changed is what the newer one has left there, and is not given up', async () => {
  expect(await tried(all, { 3: 9 }, (seq) => seq === 1)).toEqual(['2 undone', '3 failed', '1 failed']);
  expect(await tried(all, { 3: 2 }, (seq) => seq === 1)).toEqual(['2 undone', '3 undone', '1 left']);
});

test('what is gone, or of another part, is left for its own reason', async () => {
  const isLeft = (seq: number) => seq === 1;
  expect(await tried(all, { 3: 9 }, isLeft, goneReason)).toEqual(['2 undone', '1 left', '3 failed']);
  const parts = [
    { ...entry(2, 'link'), part: 'mtu' },
    { ...entry(1, 'link'), part: 'alias' },
  ];
  expect(await tried(parts, { 2: 9 }, isLeft)).toEqual(['1 left', '2 failed']);
});

test('nothing to take back is over at once', async () => {
  expect(await tried([], {})).toEqual([]);
});
