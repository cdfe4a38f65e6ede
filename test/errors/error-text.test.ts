import { expect, test } from 'vitest';
import { errorText } from '../../controller/report/error-text.ts';
import { OrchError } from '../../proto/errors.ts';

test('a file error shows place, source line, caret and hint', () => {
  const error = new OrchError({
    code: 'unknown-module',
    summary: 'no module "netsn"',
    hint: 'did you mean "netns"?',
    where: { file: 'lab.yml', line: 4, column: 7, excerpt: '    - netsn:' },
  });
  expect(errorText(error)).toBe(
    'lab.yml:4:7: no module "netsn" [unknown-module]\n        - netsn:\n          ^\n  hint: did you mean "netns"?',
  );
});

test('tabs before the column stay tabs', () => {
  const error = new OrchError({
    code: 'yaml-syntax',
    summary: 'tab',
    where: { file: 'a.yml', line: 1, column: 2, excerpt: '\tx' },
  });
  expect(errorText(error).split('\n')[2]).toBe('    \t^');
});

test('a host error names host and task', () => {
  const error = new OrchError({ code: 'task-failed', summary: 'rc 1', where: { host: 'vm01', task: 'add' } });
  expect(errorText(error)).toBe('vm01 | add: rc 1 [task-failed]');
});

test('what a terminal would obey is not printed, and the caret stays under its column', () => {
  const where = { file: 'a.yml', line: 1, column: 6, excerpt: '\u001b[2Jx' };
  const error = new OrchError({ code: 'yaml-syntax', summary: 'red \u001b[31m', detail: '\u0007', where });
  expect(errorText(error).split('\n').slice(1)).toEqual(['    \ufffd[2Jx', '         ^', '  \ufffd']);
  expect(errorText(error)).not.toContain('\u001b');
});
