import { expect, it } from 'vitest';
import { keepBooks, type LedgerEntry } from '../../agent/engine/books/ledger-entry.ts';
import type { Step } from '../../agent/modules/module.ts';

const set = (...args: string[]) => ({ op: 'ip', args: ['link', 'set', 'dev', 'eth1', ...args] }) as const;
const stamp = { run: 'r', boot: 'b' };

/** What the ledger holds after these steps, as [part, undo]. */
function kept(steps: readonly Step[]): unknown[] {
  let entries: readonly LedgerEntry[] = [];
  for (const step of steps) {
    const seq = Math.max(0, ...entries.map((entry) => entry.seq)) + 1;
    const [book] = keepBooks(entries, [step], { ...stamp, seq });
    const left = entries.filter((entry) => !book?.drops.includes(entry.seq) && entry.seq !== book?.entry?.seq);
    entries = book?.entry === undefined ? left : [...left, book.entry];
  }
  return entries.map((entry) => [entry.part, entry.undo]);
}

const mtu = (to: string, from: string): Step => ({
  object: 'link eth1',
  part: 'mtu',
  action: set('mtu', to),
  undo: [set('mtu', from)],
});
const up: Step = { object: 'link eth1', part: 'state', action: set('up'), undo: [set('down')] };

it('takes back one part of an object and keeps what gives back another', () => {
  expect(kept([mtu('1400', '1500'), up, mtu('1500', '1400')])).toEqual([['state', [set('down')]]]);
});

it('takes back all later changes of the part', () => {
  expect(kept([mtu('1400', '1500'), mtu('1450', '1400'), up, mtu('1500', '1450')])).toEqual([['state', [set('down')]]]);
});

it('takes back all parts with the whole', () => {
  const make: Step = {
    object: 'link eth1',
    action: { op: 'ip', args: ['link', 'add', 'eth1'] },
    undo: [{ op: 'ip', args: ['link', 'delete', 'eth1'] }],
  };
  const remove: Step = {
    object: 'link eth1',
    action: { op: 'ip', args: ['link', 'delete', 'eth1'] },
    undo: [],
    removes: true,
  };
  expect(kept([make, mtu('1400', '1500'), remove])).toEqual([]);
});

it('keeps what a link that is down for a change was set up by, to be taken back last', () => {
  const part = 'state meanwhile';
  const [down, back] = [set('down'), set('up')];
  const change = { ...mtu('1400', '1500'), undo: [down, set('mtu', '1500'), back] };
  const steps = [{ ...up, part, action: down, undo: [back] }, change, { ...up, part }];
  expect(kept([up, ...steps])).toEqual([
    ['state', [down]],
    ['mtu', change.undo],
  ]);
});

it('keeps what sets a link up again that a killed agent left down, for a change that was made while it was', () => {
  const killed = { ...up, part: 'state meanwhile', action: set('down'), undo: [set('up')] };
  expect(kept([killed, mtu('1400', '1500'), up])).toEqual([
    ['state meanwhile', [set('up')]],
    ['mtu', [set('mtu', '1500')]],
    ['state', [set('down')]],
  ]);
});
