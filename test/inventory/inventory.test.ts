import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { graph, json, listed, nested, yaml } from '../../controller/inventory/inventory-text.ts';
import { loadInventory } from '../../controller/inventory/load-inventory.ts';
import { expandLimit, hostOf, matchHosts } from '../../controller/inventory/select-hosts.ts';
import type { Inventory } from '../../controller/inventory/types.ts';
import { errorText } from '../../controller/report/error-text.ts';
import { optionText } from '../../controller/source/origins.ts';
import { Moment } from '../../controller/template/python/moment.ts';
import { foldersIn } from '../folders.ts';

/** case.yml of a folder. Paths are relative to the folder. */
interface Case {
  inventory: string[];
  playbook?: string;
  /** Of -e. */
  extraVars?: Record<string, string>;
  /** Pattern to its hosts; where the folder has errors.txt, patterns only need to be there. */
  patterns?: Record<string, string[]>;
  /** Patterns to the names in them that nothing has. */
  unmatched?: Record<string, string[]>;
  warnings?: string[];
  hosts?: Record<string, { groups: string[]; vars: Record<string, unknown> }>;
  groups?: Record<string, string[]>;
  /** The file that each host is of. */
  files?: Record<string, string>;
}

/** Files of a folder that hold what is printed. */
const printed: Readonly<Record<string, (inventory: Inventory) => string>> = {
  'list.txt': (inventory) => json(listed(inventory)),
  'export.txt': (inventory) => json(listed(inventory, { export: true })),
  'list.yml': (inventory) => yaml(nested(inventory)),
  'graph.txt': (inventory) => graph(inventory, 'all', false),
  'vars.txt': (inventory) => graph(inventory, 'all', true),
};

const cases = foldersIn(import.meta.dirname);

test.each(cases)('%s', (name) => {
  const folder = join(import.meta.dirname, name);
  const wanted: Case = parse(readFileSync(join(folder, 'case.yml'), 'utf8'));
  const inFolder = (path: string) =>
    path.includes(',') && !existsSync(join(folder, path)) ? path : join(folder, path);
  const { inventory, errors, missing, warnings } = loadInventory(
    wanted.inventory.map(inFolder),
    wanted.playbook === undefined ? undefined : inFolder(wanted.playbook),
    new Map(Object.entries(wanted.extraVars ?? {}).map(([key, value]) => [key, optionText('-e', value)])),
  );
  const found = [...errors, ...missing];
  for (const [pattern, hosts] of Object.entries(wanted.patterns ?? {})) {
    const selected = matchHosts(inventory, optionText('--limit', pattern));
    found.push(...selected.errors);
    if (selected.errors.length === 0) expect([pattern, selected.hosts]).toEqual([pattern, hosts]);
  }
  if (wanted.warnings) expect(warnings.map((said) => said.replaceAll(`${folder}/`, ''))).toEqual(wanted.warnings);
  for (const [pattern, names] of Object.entries(wanted.unmatched ?? {})) {
    expect([pattern, matchHosts(inventory, optionText('--limit', pattern)).unmatched]).toEqual([pattern, names]);
  }
  const texts = found.map((error) => errorText(error).replaceAll(`${folder}/`, ''));
  const errorFile = join(folder, 'errors.txt');
  if (existsSync(errorFile)) expect(`${texts.join('\n')}\n`).toBe(readFileSync(errorFile, 'utf8'));
  else expect(texts).toEqual([]);
  if (wanted.hosts) {
    const hosts = [...inventory.hosts.values()].map(({ name: host, groups, vars }) => {
      return [
        host,
        {
          groups,
          vars: Object.fromEntries(
            [...vars].map(([key, { value }]) => [key, value instanceof Moment ? value.toJSON() : value]),
          ),
        },
      ];
    });
    expect(hosts).toEqual(Object.entries(wanted.hosts));
  }
  for (const [file, print] of Object.entries(printed)) {
    const path = join(folder, file);
    if (existsSync(path)) expect(print(inventory)).toBe(readFileSync(path, 'utf8'));
  }
  for (const [group, hosts] of Object.entries(wanted.groups ?? {})) {
    expect([group, inventory.groups.get(group)?.hosts]).toEqual([group, hosts]);
  }
  for (const [host, file] of Object.entries(wanted.files ?? {})) {
    expect([host, inventory.hosts.get(host)?.file]).toEqual([host, inFolder(file)]);
  }
});

test('the workstation itself need not be listed, and no group has it', () => {
  const { inventory } = loadInventory(['vm01,']);
  expect(matchHosts(inventory, optionText('--limit', 'localhost')).hosts).toEqual(['localhost']);
  expect(matchHosts(inventory, optionText('--limit', 'all')).hosts).toEqual(['vm01']);
  expect(inventory.localhost().vars.get('ansible_connection')?.value).toBe('local');
});

test('the workstation goes by the name of the inventory, or by the first that a pattern has for it', () => {
  const chosen = (inventory: Inventory, pattern: string) => matchHosts(inventory, optionText('hosts', pattern)).hosts;
  const said = loadInventory(['vm01,127.0.0.1,']).inventory;
  expect(chosen(said, 'localhost:::1')).toEqual(['127.0.0.1']);
  const unsaid = loadInventory(['vm01,']).inventory;
  expect(chosen(unsaid, '127.0.0.1')).toEqual(['127.0.0.1']);
  expect(chosen(unsaid, 'localhost')).toEqual(['127.0.0.1']);
  expect(hostOf(unsaid, '::1')?.name).toBe('127.0.0.1');
});

test('sources are known by their full paths', () => {
  const folder = join(import.meta.dirname, 'order');
  expect(loadInventory(['vm01,', relative(process.cwd(), folder)]).inventory.sources).toEqual(['vm01,', folder]);
  expect(loadInventory([]).inventory.sources).toEqual(['/etc/ansible/hosts']);
});

test('a limit takes patterns from the lines of files, between colons, too', () => {
  const file = join(import.meta.dirname, 'order', 'limit');
  expect(expandLimit(`~x[01]:@${file}`)).toBe('~x[01],a1,&b*');
  expect(expandLimit(`@${file},t1`)).toBe('a1,&b*,t1');
});

test('a folder without a file is warned of, and no error', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orch-inventory-test-'));
  try {
    mkdirSync(join(folder, 'in/it'), { recursive: true });
    const { warnings, missing, errors } = loadInventory([folder, 'vm01,']);
    expect(warnings).toEqual([`Unable to parse ${folder} as an inventory source`]);
    expect([...missing, ...errors]).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a host that the command line names is of no file, and one that nobody names of none that could be told', () => {
  const { inventory } = loadInventory(['vm01,']);
  expect([inventory.hosts.get('vm01')?.file, hostOf(inventory, 'localhost')?.file]).toEqual([null, undefined]);
});
