import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  graph,
  hostVars,
  json,
  listed,
  nested,
  tables,
  toml,
  yaml,
} from '../../controller/inventory/inventory-text.ts';
import { loadInventory } from '../../controller/inventory/load-inventory.ts';
import { optionText } from '../../controller/source/origins.ts';

/** The files beside this one are what ansible-inventory prints of inventory.ini. */
const { inventory } = loadInventory([join(import.meta.dirname, 'inventory.ini')]);

test.each([
  ['list.txt', () => json(listed(inventory))],
  ['list.yml', () => yaml(nested(inventory))],
  ['graph.txt', () => graph(inventory, 'all', true)],
  ['host.txt', () => json(hostVars(inventory, 'h1'))],
  ['export.txt', () => json(listed(inventory, { export: true }))],
  ['export.yml', () => yaml(nested(inventory, { export: true }))],
  ['limit.txt', () => json(listed(inventory, { hosts: new Set(['h1']) }))],
])('%s', (file, print) => {
  expect(print()).toBe(readFileSync(join(import.meta.dirname, file), 'utf8'));
});

/** Literals of Python, quotes, priorities, groups that stand in two others, data that several hosts share. */
const edges = loadInventory([join(import.meta.dirname, 'edges.ini')]).inventory;

test.each([
  ['edges-list.txt', () => json(listed(edges))],
  ['edges-list.yml', () => yaml(nested(edges))],
  ['edges-graph.txt', () => graph(edges, 'all', true)],
  ['edges-export.txt', () => json(listed(edges, { export: true }))],
])('%s', (file, print) => {
  expect(print()).toBe(readFileSync(join(import.meta.dirname, file), 'utf8'));
});

test('as TOML it is read again as it was', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orch-inventory-'));
  try {
    const file = join(folder, 'inventory.toml');
    writeFileSync(file, toml(tables(inventory, { export: true })));
    const again = loadInventory([file]);
    expect(again.errors).toEqual([]);
    expect(listed(again.inventory, { export: true })).toEqual(listed(inventory, { export: true }));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("one host's texts are not marked", () => {
  const folder = join(import.meta.dirname, '..', 'inventory', 'passed-on');
  const made = loadInventory(['hosts.ini', 'made.yml'].map((name) => join(folder, name))).inventory;
  expect(json(hostVars(made, 'h1'), false)).toContain('"lower": "x"');
});

test('hosts of the tree have the variables of -e, too', () => {
  const extra = new Map([['more', { ...optionText('-e', 'more=1'), value: 1 }]]);
  expect(graph(inventory, 'all', true, { extra })).toContain('{more = 1}');
});

test('a host that nobody knows has no variables, but the workstation', () => {
  expect(hostVars(inventory, 'h9')).toBeUndefined();
  expect(hostVars(inventory, 'localhost')).toMatchObject({ ansible_connection: 'local' });
});

test('an inventory is printed whole, however large', () => {
  const large = Array.from({ length: 20 }, () => 'x'.repeat(1_000_000));
  expect(json({ large }).length).toBeGreaterThan(20_000_000);
  expect(yaml({ large }).length).toBeGreaterThan(20_000_000);
});
