import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Draft } from '../../controller/inventory/draft.ts';
import { readIniInventory } from '../../controller/inventory/ini-inventory.ts';
import { mergeInventory } from '../../controller/inventory/merge.ts';
import { matchHosts } from '../../controller/inventory/select-hosts.ts';
import { localhosts } from '../../controller/inventory/types.ts';
import { readYamlInventory } from '../../controller/inventory/yaml-inventory.ts';
import { optionText } from '../../controller/source/origins.ts';

const piece = fc.constantFrom(
  ...[
    'vm01',
    'web',
    'all',
    'ungrouped',
    '[',
    ']',
    ':',
    '=',
    '"',
    "'",
    '\\',
    '#',
    '\n',
    ' ',
    ',',
    '1',
    'a',
    '-',
    '~',
    '*',
    '!',
    '&',
  ],
  ...[
    'children',
    'vars',
    'hosts',
    '{{',
    '}}',
    '__proto__',
    '99999',
    '\n[web]\n',
    '\n[lab:children]\n',
    ':\n  ',
    '@',
    '(',
    '?',
  ],
);
const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));

test.each([
  ['INI', readIniInventory],
  ['YAML', readYamlInventory],
])('no %s text makes the reader throw, and patterns neither', (_, read) => {
  fc.assert(
    fc.property(text, text, (file, pattern) => {
      const draft = new Draft();
      read(file, 'hosts', draft);
      for (const error of draft.errors) expect(error.where).toMatchObject({ file: 'hosts' });
      const inventory = mergeInventory(draft, { source: 'hosts', sources: [] }, { groups: [], hosts: [] });
      const { hosts, errors } = matchHosts(inventory, optionText('--limit', pattern));
      for (const host of hosts) expect(inventory.hosts.has(host) || localhosts.has(host)).toBe(true);
      for (const error of errors) expect(error.where).toMatchObject({ file: '--limit', line: 1 });
    }),
    { numRuns: 500 },
  );
});
