import { expect, test } from 'vitest';
import { registry as modules } from '../../agent/modules/registry.gen.ts';
import { registry as actions } from '../../controller/actions/registry.gen.ts';
import { catalog } from '../../controller/catalog.ts';
import { parseTasks } from '../../controller/playbook/parse/parse-playbook.ts';
import { errorText } from '../../controller/report/error-text.ts';

// What a shadowed module takes is between it and its action.
const usable = [...modules.values()].filter(({ name }) => !actions.has(name));
const examples = [...usable, ...actions.values()].flatMap(({ name, examples: texts }) =>
  texts.map((text, index) => ({ name, index, text })),
);

test.each(examples)('example $index of $name', ({ name, text }) => {
  // An example is one task or a list of them.
  const list = /^\s*- /.test(text) ? text : `- ${text.trimEnd().replaceAll('\n', '\n  ')}\n`;
  const { entries, errors } = parseTasks(`${name}.yml`, { readFile: () => list, catalog });
  expect(errors.map(errorText)).toEqual([]);
  expect(entries.length).toBeGreaterThan(0);
});

test('an action shadows the module of its name', () => {
  for (const [name, action] of actions) expect(catalog.get(name)).toBe(action);
});
