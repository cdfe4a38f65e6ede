import { expect, test, vi } from 'vitest';
import { warn } from '../../controller/commands/warn.ts';

test('what programs of inventories say reaches no terminal as its commands', () => {
  const written: unknown[] = [];
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.push(text);
    return true;
  });
  warn(['hosts.sh: \u001b]0;owned\u0007no\tcache\u001b[2J\r\nat all\b', 'twice', 'twice']);
  write.mockRestore();
  expect(written).toEqual(['[WARNING]: hosts.sh: no\tcache\nat all\ufffd\n', '[WARNING]: twice\n']);
});
