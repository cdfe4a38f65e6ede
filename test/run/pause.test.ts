import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import type { ActionContext } from '../../controller/actions/action.ts';
import { action } from '../../controller/actions/pause.ts';

const cases = z.record(
  z.string(),
  z.strictObject({
    params: z.record(z.string(), z.unknown()).default({}),
    keys: z.string(),
    says: z.array(z.string()),
    echoed: z.string().default(''),
    milliseconds: z.number().optional(),
    input: z.string().optional(),
    error: z.string().optional(),
  }),
);
const table = cases.parse(parse(readFileSync(new URL('pause.yml', import.meta.url), 'utf8')));

test.each(Object.entries(table))('%s', async (_name, { params, keys, says, echoed, milliseconds, input, error }) => {
  const left = [...keys.replaceAll('^C', '\u0003')];
  const said: string[] = [];
  const times: (number | undefined)[] = [];
  let shown = '';
  const context: Pick<ActionContext, 'title' | 'signal' | 'say' | 'keyboard'> = {
    title: 'wait',
    signal: new AbortController().signal,
    say: (text) => said.push(text),
    keyboard: (read) =>
      read({
        read: async (take, _signal, time) => {
          times.push(time);
          for (let key = left.shift(); key !== undefined; key = left.shift()) {
            const taken = take(key);
            if (taken !== undefined) return taken;
          }
          return undefined;
        },
        echo: (text) => {
          shown += text;
        },
      }),
  };
  const paused = action.run(action.params.parse(params), context as ActionContext);
  if (error === undefined) expect(await paused).toMatchObject({ status: 'ok', result: { user_input: input } });
  else await expect(paused).rejects.toThrow(error);
  expect({ said, shown, time: times[0] }).toEqual({ said: says, shown: echoed, time: milliseconds });
});
