import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { graph, json, listed, nested, yaml } from '../../controller/inventory/inventory-text.ts';
import { loadInventory } from '../../controller/inventory/load-inventory.ts';
import { keepClosed } from '../../controller/vault/vault.ts';

keepClosed();
const { inventory, errors } = loadInventory([join(import.meta.dirname, 'encrypted.yml')]);

/** The files beside this one are what ansible-inventory prints, with the password or without. */
test.each([
  ['encrypted-list.txt', () => json(listed(inventory))],
  ['encrypted-list.yml', () => yaml(nested(inventory))],
])('encrypted values are told as they are: %s', (file, print) => {
  expect(errors).toEqual([]);
  expect(print()).toBe(readFileSync(join(import.meta.dirname, file), 'utf8'));
});

test('in a tree they are hidden', () => {
  expect(graph(inventory, 'all', true)).toContain('{sec = ********}');
});
