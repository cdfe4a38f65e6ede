import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { catalog } from '../../controller/catalog.ts';
import { Draft } from '../../controller/inventory/draft.ts';
import { readIniInventory } from '../../controller/inventory/ini-inventory.ts';
import { readYamlInventory } from '../../controller/inventory/yaml-inventory.ts';
import { keywords } from '../../controller/playbook/keywords/keywords.ts';
import { parsePlaybook } from '../../controller/playbook/parse/parse-playbook.ts';
import { checkVariables } from '../../controller/playbook/plays/check-variables.ts';

function page(name: string) {
  const text = readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8');
  const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', block = '']) => ({
    language,
    block,
  }));
  return { text, blocks };
}

const playbooks = page('playbooks.md');

test.each(playbooks.blocks)('playbook of the page', ({ block }) => {
  const { playbook, errors } = parsePlaybook('page.yml', { readFile: () => block, catalog });
  expect([...errors, ...checkVariables(playbook, [], catalog)]).toEqual([]);
});

test('the page names every keyword', () => {
  const named = new Set([...playbooks.text.matchAll(/`(\w+)`/g)].map(([, word]) => word));
  const all = [keywords.play, keywords.task, keywords.block, keywords.include, keywords.loopControl];
  expect(all.flatMap((set) => [...set]).filter((word) => !named.has(word))).toEqual([]);
});

test.each(page('inventories.md').blocks)('inventory of the page in $language', ({ language, block }) => {
  const draft = new Draft();
  if (language === 'ini') readIniInventory(block, 'page', draft);
  else readYamlInventory(block, 'page', draft);
  expect(draft.errors).toEqual([]);
  expect(draft.hosts.size).toBeGreaterThan(3);
});
