import { expect, test } from 'vitest';
import { logLines } from '../../controller/commands/log-file.ts';

test('a log has a time before each line, and no blank lines', () => {
  const text = logLines('\nTASK [a] ***\nok: [vm01]\n', new Date(2026, 10, 29, 9, 38, 57, 31), 'p=7 u=root');
  expect(text).toBe(
    '2026-11-29 09:38:57,031 p=7 u=root n=orch INFO| TASK [a] ***\n2026-11-29 09:38:57,031 p=7 u=root n=orch INFO| ok: [vm01]\n',
  );
});
