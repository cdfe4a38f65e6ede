import * as z from 'zod';
import type { Action } from '../../module.ts';
import { number, type Row } from '../rows.ts';
import type { Attribute } from './attribute.ts';
import { keptValues } from './remake.ts';
import { type SlaveKind, slaveData, slaveEdits, slaveValues } from './slave.ts';

function setting(key: string, field: z.ZodType<number>, since?: string): Attribute<number> {
  return {
    field,
    shows: (row) => number(slaveData(row), key),
    words: (value) => [key, String(value)],
    change: 'in place',
    ...(since === undefined ? {} : { since }),
    unset: 0,
  };
}

export const bondSlave = {
  master: 'bond',
  as: 'slave of a bond',
  attributes: {
    prio: setting(
      'prio',
      z
        .int()
        .min(-0x80000000)
        .max(0x7fffffff)
        .describe('Which slave the bond takes: the highest. Bonds of active-backup, balance-tlb and balance-alb.'),
      '6.0',
    ),
    queue_id: setting(
      'queue_id',
      z
        .int()
        .min(0)
        .max(0xffff)
        .describe("Queue of the bond whose packets leave by it, as `tc`'s skbedit says it for them; 0 is none."),
    ),
  },
} satisfies SlaveKind;

/** Gives a link that was put under a bond again what it had as its slave. */
export function bondSlaveCommands(netns: string | undefined, name: string, row: Row): Action[] {
  const had = keptValues(undefined, slaveValues(bondSlave, row), bondSlave.attributes);
  return slaveEdits(bondSlave, name, had, {}).map(({ there }) => ({ op: 'ip', netns, args: there }));
}
