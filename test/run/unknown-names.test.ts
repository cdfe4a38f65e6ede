import { expect, it } from 'vitest';
import { loadInput, selectInput, unmatchedWarnings } from '../../controller/run/input/input.ts';
import type { OrchError } from '../../proto/errors.ts';

const ignoring = (name: string) => `Could not match supplied host pattern, ignoring: ${name}`;
const like = (name: string) => `no host or group "${name}" in the inventory vm01,vm02,web,`;
const nothingLeft = 'Specified inventory, host pattern and/or --limit leaves us with no hosts to target.';

it.each([
  { hosts: 'all', limit: 'vm01,elsewhere', warnings: [ignoring('elsewhere')] },
  { hosts: 'elsewhere,vm01', limit: 'vm01', warnings: [ignoring('elsewhere')] },
  { hosts: 'all', limit: 'vm01,vm03', warnings: [ignoring('vm03')], errors: [like('vm03')] },
  { hosts: 'all', limit: 'elsewhere', warnings: [ignoring('elsewhere')], errors: [like('elsewhere'), nothingLeft] },
])('tells of $hosts within $limit what means nothing', ({ hosts, limit, warnings, errors = [] }) => {
  const found: OrchError[] = [];
  const input = loadInput('lab.yml', ['vm01,vm02,web,'], [], [], JSON.stringify([{ hosts, tasks: [] }]));
  const selected = selectInput(input, { tags: { only: [], skip: [] }, limit, startAtTask: undefined }, found);
  expect(unmatchedWarnings(selected)).toEqual(warnings);
  expect(found.map(({ summary }) => summary)).toEqual(errors);
});
