import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { catalog } from '../../controller/catalog.ts';
import { parsePlaybook } from '../../controller/playbook/parse/parse-playbook.ts';
import { errorText } from '../../controller/report/error-text.ts';
import { asksVars, askVars } from '../../controller/run/input/ask-vars.ts';
import type { Located } from '../../controller/source/located.ts';
import { optionText } from '../../controller/source/origins.ts';

const prompts = `
- name: user
  prompt: "Who, {{ greeted }}"
  default: "{{ somebody }}"
  private: false
- { name: pw, confirm: true }
- { name: code, unsafe: true }
- { name: hashed, encrypt: "{{ way }}", salt: "{{ grain }}" }
- { name: given }
`;

function play(text: string) {
  const vars_prompt: unknown = parse(text);
  const vars = { somebody: 'bob', greeted: 'please', way: 'md5_crypt', grain: 'abcdefgh' };
  const file = JSON.stringify([{ hosts: 'all', vars, vars_prompt, tasks: [] }]);
  return parsePlaybook('lab.yml', { readFile: () => file, catalog });
}

const given = new Map<string, Located>([['given', optionText('-e', 'given=1')]]);

async function answered(answers: string[] | undefined) {
  const asked: string[] = [];
  const ask = async (question: string, echo: boolean) => {
    asked.push(`${question}${echo ? '' : ' (hidden)'}`);
    return answers?.shift() ?? '';
  };
  const { plays } = await askVars(play(prompts).playbook, given, answers && ask);
  const vars = Object.fromEntries([...(plays[0]?.vars ?? [])].map(([name, { value }]) => [name, value]));
  return { asked, vars };
}

test('people are asked for what no option gives', async () => {
  const { asked, vars } = await answered(['', 'one', 'two', 'pass', 'pass', '{{ x }}', 'secret']);
  expect(asked).toEqual([
    'Who, please [bob]',
    'pw (hidden)',
    'confirm pw (hidden)',
    'pw (hidden)',
    'confirm pw (hidden)',
    'code (hidden)',
    'hashed (hidden)',
  ]);
  const { hashed, ...rest } = vars;
  expect(rest).toMatchObject({ user: 'bob', pw: 'pass', code: '{% raw %}{{ x }}{% endraw %}' });
  expect(hashed).toMatch(/^\$1\$abcdefgh\$/);
});

test('what -e says is not asked for', () => {
  const { playbook } = play('[{ name: given }]');
  expect([asksVars(playbook, new Map()), asksVars(playbook, given)]).toEqual([true, false]);
});

test('where nobody can be asked defaults count, and None', async () => {
  const { asked, vars } = await answered(undefined);
  expect(asked).toEqual([]);
  expect(vars).toMatchObject({ user: 'bob', pw: 'None', code: 'None' });
});

test.each([
  ['[user]', 'each of "vars_prompt" must be a mapping, not "user"'],
  ['[{ prompt: Who }]', 'a prompt must name its variable'],
  ['[{ name: a, promt: b }]', 'a prompt has no keyword "promt"'],
])('%s is refused', (text, summary) => {
  const [error] = play(text).errors;
  expect(error && errorText(error)).toContain(summary);
});
