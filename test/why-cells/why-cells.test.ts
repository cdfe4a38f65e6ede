import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { explainCells } from '../../controller/reach/why/explain-cells.ts';
import type { ReachCell } from '../../controller/report/types.ts';
import type { CellName, Verdict } from '../../controller/report/why/why-types.ts';
import { OrchError } from '../../proto/errors.ts';

const names = z.array(z.string()).default([]);

// A case is a matrix as measured, and what becomes of each cell's probe when it is asked again.
const caseFile = z.strictObject({
  why: z.string(),
  /** Rows by who asks; `ok`, `no` and `err` as measured, with ! where that is not as expected, - where nobody asked. */
  matrix: z.record(z.string(), z.record(z.string(), z.string())),
  /** Measured again later in the run. */
  again: z.record(z.string(), z.record(z.string(), z.string())).default({}),
  /** By `FROM TO`: names of faults in the order in which they bite; `answers`; `slow` before them: it is late then; `error`; `late`: it took too long. */
  probes: z.record(z.string(), z.array(z.string())).default({}),
  /** What every other probe meets. */
  otherwise: z.array(z.string()).default([]),
  probed: z.array(z.string()),
  verdicts: z.record(z.string(), z.strictObject({ cells: names, later: names, alike: names })).default({}),
  unwanted: names,
  answered: names,
  open: z.record(z.string(), names).default({}),
});

const observed = { ok: 'reached', no: 'unreachable', err: 'error' } as const;

function cellsOf(matrix: z.infer<typeof caseFile>['matrix']): ReachCell[] {
  return Object.entries(matrix).flatMap(([from, row]) =>
    Object.entries(row).flatMap(([to, text]) => {
      if (text === '-') return [];
      const seen = observed[text.replace(' !', '') as keyof typeof observed];
      const wanted = seen === 'reached' ? 'unreachable' : 'reached';
      const met = seen === 'error' ? null : seen;
      const expected = text.endsWith('!') ? wanted : met;
      return [{ from, to, address: to, expected, observed: seen, rttMs: null }];
    }),
  );
}

const verdict = (cause: string): Verdict => ({
  ...{ cause, confidence: 'certain', host: 'h', netns: '', direction: 'request', sentence: '', proof: [] },
});

const named = (cells: readonly CellName[]) => cells.map(({ from, to }) => `${from} ${to}`);

test.each(readdirSync(import.meta.dirname).filter((file) => file.endsWith('.yml')))('%s', async (file) => {
  const wanted = caseFile.parse(parse(readFileSync(join(import.meta.dirname, file), 'utf8')));
  const late = new AbortController();
  const probed: string[] = [];
  const why = await explainCells(
    [...cellsOf(wanted.matrix), ...cellsOf(wanted.again)],
    ({ from, to }) => {
      const name = `${from.netns === '' ? from.host : `${from.host}/${from.netns}`} ${'address' in to ? to.address : ''}`;
      probed.push(name);
      const met = wanted.probes[name] ?? wanted.otherwise;
      if (met[0] === 'slow') late.abort();
      const failures = { error: 'connection-lost', late: 'interrupted' } as const;
      const code = failures[met[0] as keyof typeof failures];
      return code === undefined
        ? Promise.resolve(met.filter((word) => word !== 'answers' && word !== 'slow').map(verdict))
        : Promise.reject(new OrchError({ code, summary: `no word from ${from.host}` }));
    },
    late.signal,
  );
  expect(probed).toEqual(wanted.probed);
  const { verdicts = [], unwanted = [], answered = [], open = [] } = why ?? {};
  const told = verdicts.map(({ cause, cells, later, alike }) => {
    return [cause, { cells: named(cells), later: named(later), alike: named(alike) }] as const;
  });
  expect(told).toEqual(Object.entries(wanted.verdicts));
  expect({ unwanted: named(unwanted), answered: named(answered) }).toEqual({
    unwanted: wanted.unwanted,
    answered: wanted.answered,
  });
  expect(open.map(({ reason, cells }) => [reason, named(cells)])).toEqual(Object.entries(wanted.open));
});
