import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { keywords } from '../../controller/playbook/keywords/keywords.ts';
import { parsePlaybook } from '../../controller/playbook/parse/parse-playbook.ts';
import { checkVariables } from '../../controller/playbook/plays/check-variables.ts';
import { listTasks } from '../../controller/playbook/plays/list-tasks.ts';
import { keyValues } from '../../controller/playbook/values/key-value.ts';
import { OrchError } from '../../proto/errors.ts';
import { catalog } from './catalog.ts';

const words = [...keywords.play, ...keywords.task, ...keywords.block, ...keywords.loopControl, ...catalog.keys()];
const key = fc.constantFrom(
  ...words,
  'include_tasks',
  'import_tasks',
  'import_playbook',
  'file',
  'apply',
  '__proto__',
  '<<',
  'x',
);
const leaf = fc.oneof(
  fc.constantFrom(
    null,
    true,
    1,
    -1,
    1.5,
    '',
    'x',
    'all',
    'lab.yml',
    '50%',
    'a=1 b="c d"',
    '{{ x }}',
    '{{ x',
    '{% if %}',
    'a ==',
    '{{ x }}.yml',
  ),
  fc.string(),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((pairs) => new Map(pairs)),
  ),
}));
const play = fc.array(fc.tuple(key, value), { maxLength: 8 }).map((pairs) => new Map([['hosts', 'all'], ...pairs]));

test('whatever a playbook holds, it is read or refused with places', () => {
  fc.assert(
    fc.property(fc.array(play, { maxLength: 3 }), (plays) => {
      const text = stringify(plays, { aliasDuplicateObjects: false });
      const readFile = (path: string) => {
        if (path === 'lab.yml') return text;
        throw new OrchError({ code: 'file-not-found', summary: path });
      };
      const { playbook, errors } = parsePlaybook('lab.yml', { readFile, catalog });
      for (const error of [...errors, ...checkVariables(playbook, [], catalog)]) {
        expect(error.where).toMatchObject({ file: expect.any(String), line: expect.any(Number) });
      }
      listTasks(playbook);
    }),
    { numRuns: 300 },
  );
});

test('key=value text gives back what was written, at its place', () => {
  const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/);
  const plainValue = fc.stringMatching(/^[a-z0-9./:=-]{0,12}$/);
  const quoted = fc.stringMatching(/^[a-z =/]{0,12}$/);
  const template = fc.stringMatching(/^[a-z +]{1,8}$/).map((inner) => `{{ ${inner} }}`);
  const written = fc.oneof(
    plainValue.map((text) => ({ text, source: text })),
    quoted.map((text) => ({ text, source: `"${text}"` })),
    template.map((text) => ({ text, source: text })),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(name, written), { minLength: 1, maxLength: 5 }), (pairs) => {
      const text = pairs.map(([key, { source }]) => `${key}=${source}`).join('  ');
      const found = keyValues(text);
      expect(found?.map(({ key, value }) => [key, value])).toEqual(pairs.map(([key, { text }]) => [key, text]));
      for (const { start, value } of found ?? []) expect(text.slice(start, start + value.length)).toBe(value);
    }),
  );
});
