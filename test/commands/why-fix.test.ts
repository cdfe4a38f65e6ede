import { expect, test } from 'vitest';
import { arrangeFix, chooseFix } from '../../controller/commands/why-fix.ts';

// What is written, and what is meant: how sure a verdict must be may be left out.
const lines = [
  ['vm02 vm01', 'vm02 vm01'],
  ['vm02 vm01 --fix', 'vm02 vm01 --fix=certain'],
  ['--fix vm02 vm01', '--fix=certain vm02 vm01'],
  ['vm02 vm01 --fix likely', 'vm02 vm01 --fix likely'],
  ['vm02 vm01 --fix=likely', 'vm02 vm01 --fix=likely'],
  ['vm02 vm01 --fix --dry-run', 'vm02 vm01 --fix=certain --dry-run'],
] as const;

test.each(lines)('%s', (written, meant) => {
  expect(arrangeFix(written.split(' '))).toEqual(meant.split(' '));
});

test.each([{ dryRun: true, 'dry-run': true }, { lab: 'seed' }, { confirm: 5 }])(
  '%o means nothing without --fix',
  (given) => {
    expect(() => chooseFix({ ...given, output: 'text' })).toThrow('says how --fix mends');
  },
);
