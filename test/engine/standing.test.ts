import { expect, test } from 'vitest';
import type { Ledger } from '../../agent/engine/books/ledger.ts';
import type { LedgerEntry } from '../../agent/engine/books/ledger-entry.ts';
import { refuseStanding } from '../../agent/engine/undo/standing.ts';
import type { ActingHost } from '../../agent/linux/acting-host.ts';
import type { Action } from '../../agent/linux/action.ts';

type Row = Record<string, unknown>;

const entry = (object: string, undo: Action, index?: number) =>
  ({
    object,
    undo: [undo],
    guard: index === undefined ? undefined : { kind: 'link', link: { name: '' }, index },
  }) as unknown as LedgerEntry;

const ledger = (lab: string, ...changes: LedgerEntry[]) => ({ lab, changes, owns: () => false }) as unknown as Ledger;

/** A host on which namespace ns1 is number 0, and `row` is what ip says of link v2 of lab two in ns2. */
const hostWith = (row: Row) =>
  ({
    ip: async (args: readonly string[]) => ({
      missing: false,
      rows: args[1] === 'list-id' ? [{ nsid: 0, name: 'ns1' }, { nsid: 1 }] : [row],
    }),
  }) as unknown as ActingHost;

const remove = (name: string, netns?: string): Action => ({ op: 'ip', netns, args: ['link', 'delete', 'dev', name] });
const two = ledger('two', entry('link ns2/v2', remove('v2', 'ns2')));
const ns1 = ledger('one', entry('netns ns1', { op: 'netns-delete', name: 'ns1' }));
const inNs1 = ledger('one', entry('link ns1/p1', remove('p1', 'ns1'), 5));
const onHost = ledger('one', entry('link p1', remove('p1'), 5));
const besideIt = ledger('one', entry('link ns2/p1', remove('p1', 'ns2'), 5));

test.each([
  ['the other end is in its namespace', ns1, { link_index: 5, link_netnsid: 0 }, 'netns ns1'],
  ['the other end is in another namespace', ns1, { link_index: 5, link_netnsid: 1 }, undefined],
  ['the other end is beside it', ns1, { link: 'eth0' }, undefined],
  ['its parent is in its namespace', inNs1, { link_index: 5, link_netnsid: 0 }, 'link ns1/p1'],
  ['its parent is another link there', inNs1, { link_index: 6, link_netnsid: 0 }, undefined],
  ['its parent is on the host', onHost, { link_index: 5, link_netnsid: 1 }, 'link p1'],
  ['it is a port of its bridge', besideIt, { master: 'p1' }, 'link ns2/p1'],
  ['it is no port of its bridge', besideIt, { master: 'p2', link_index: 5, link_netnsid: 0 }, undefined],
])('a link of another lab: %s', async (_, one, row, on) => {
  const refusal = await refuseStanding(one, [two], new Map(), hostWith(row)).then(
    () => undefined,
    (error: Error) => error.message,
  );
  expect(refusal).toEqual(on && expect.stringContaining(`link ns2/v2 of lab two stands on ${on} of lab one`));
});

test('two labs that stand on each other: how one gets out of it', async () => {
  const ports: Readonly<Record<string, Row>> = { v1: { master: 'br2' }, v2: { master: 'br1' } };
  const host = {
    ip: async (args: readonly string[]) => ({ missing: false, rows: [ports[args.at(-1) ?? ''] ?? {}] }),
  } as unknown as ActingHost;
  const lab = (name: string, at: number) =>
    ledger(name, entry(`link br${at}`, remove(`br${at}`), at), entry(`link v${at}`, remove(`v${at}`), at + 2));
  await expect(refuseStanding(lab('one', 1), [lab('two', 2)], new Map(), host)).rejects.toMatchObject({
    summary: 'link v2 of lab two stands on link br1 of lab one and would go with it; nothing was undone.',
    hint: expect.stringContaining('link v1 of this lab on link br2.'),
  });
});
