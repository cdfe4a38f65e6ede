import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { evidenceSchema, type Lookup, type Stage } from '../../controller/reach/why/seen/evidence.ts';
import { placeText } from '../../controller/reach/why/seen/facts.ts';
import { walk } from '../../controller/reach/why/way/walk.ts';

// A case is what was seen of a probe, and what kernels answer: "PLACE TO [from FROM] [iif DEV] [oif DEV] [mark N] [port N]" to the route. Its stages are
// written "PLACE [by DEV]", with a question mark where the packet was not seen, those of outer packets below. An unanswered question fails it.
const caseFile = z.strictObject({
  why: z.string(),
  from: z.string(),
  seen: evidenceSchema,
  lookups: z.record(z.string(), z.record(z.string(), z.string())),
  stages: z.array(z.string()),
});

const folder = join(import.meta.dirname, 'cases');

function linesOf(stages: readonly Stage[], mark = ''): readonly string[] {
  return stages.flatMap(({ direction, iif, seen, beneath = [], ...place }) => [
    `${mark}${direction} ${placeText(place)}${iif === undefined ? '' : ` by ${iif}`}${seen ? '' : '?'}`,
    ...linesOf(beneath, `${mark}beneath: `),
  ]);
}

test.each(readdirSync(folder))('%s', async (file) => {
  const { from, seen, lookups, stages } = caseFile.parse(parse(readFileSync(join(folder, file), 'utf8')));
  const walked = await walk(
    seen.question,
    from,
    seen,
    async ({ to, from: source, iif, oif, mark, port, ...place }): Promise<Lookup> => {
      const key = [
        placeText(place),
        to,
        ...(source ? ['from', source] : []),
        ...(iif ? ['iif', iif] : []),
        ...(oif ? ['oif', oif] : []),
        ...(mark ? ['mark', mark] : []),
        ...(port ? ['port', port] : []),
      ].join(' ');
      const answer = lookups[key];
      if (answer === undefined) throw new Error(`the case has no answer to: ${key}`);
      return { type: 'unicast', ...answer };
    },
  );
  const written = linesOf(walked);
  expect(written).toEqual(stages);
});
