import { expect, test } from 'vitest';
import { parsePlaybook } from '../../controller/playbook/parse/parse-playbook.ts';
import { reservedNames } from '../../controller/playbook/plays/reserved-names.ts';
import { catalog } from './catalog.ts';

const text = `
- hosts: all
  vars: { port: 1, mine: 2, user: 3 }
  tasks:
    - command: uptime
      register: timeout
    - set_fact: { lookup: 1 }
`;

test('variables under the names of keywords', () => {
  const readFile = () => text;
  const { playbook, errors } = parsePlaybook('a.yml', { readFile, catalog });
  expect(errors).toEqual([]);
  expect(reservedNames(playbook, new Map(), catalog)).toEqual([
    "Found variable using reserved name 'port' (a.yml:3:17).",
    "Found variable using reserved name 'timeout'.",
    "Found variable using reserved name 'lookup'.",
  ]);
});
