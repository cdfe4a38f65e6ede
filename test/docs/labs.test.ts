import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

it('docs/labs.md names every playbook that is shipped, and no other', () => {
  const page = readFileSync(join(root, 'docs/labs.md'), 'utf8');
  const named = [...page.matchAll(/^\| `([\w-]+\.yml)`/gm)].map(([, name]) => name);
  const steps = ['seed-step2.yml', 'seed-step3.yml'];
  const files = readdirSync(join(root, 'playbooks')).filter((name) => name.endsWith('.yml'));
  const shipped = files.filter((name) => name !== 'inventory.yml');
  expect([...named, ...steps].sort()).toEqual(shipped.sort());
});
