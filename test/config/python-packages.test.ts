import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { pythonCollections } from '../../controller/config/python-packages.ts';

const root = mkdtempSync(join(tmpdir(), 'orch-python-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const places = { home: join(root, 'home'), environment: join(root, 'venv'), system: join(root, 'usr') };

it('finds collections of Pythons, the nearest first', () => {
  const there = [
    'venv/lib/python3.11/site-packages',
    'home/.local/lib/python3.11/site-packages',
    'home/.local/share/pipx/venvs/ansible/lib/python3.12/site-packages',
    'usr/local/lib/python3.11/dist-packages',
    'usr/lib/python3/dist-packages',
  ].map((folder) => join(root, folder));
  for (const folder of there) mkdirSync(join(folder, 'ansible_collections'), { recursive: true });
  mkdirSync(join(root, 'usr/lib/python3.11/site-packages'), { recursive: true });
  mkdirSync(join(root, 'usr/lib/pythonic/dist-packages/ansible_collections'), { recursive: true });
  expect(pythonCollections(places)).toEqual(there);
});

it('finds none where nothing is installed', () => {
  const nowhere = join(root, 'nowhere');
  expect(pythonCollections({ home: nowhere, environment: undefined, system: nowhere })).toEqual([]);
});
