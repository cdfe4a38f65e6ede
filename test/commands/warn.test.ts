import { expect, test, vi } from 'vitest';
import { warn } from '../../controller/commands/warn.ts';
import { rememberSecret } from '../../controller/vault/secret-texts.ts';

test('what warnings say reaches no terminal as its commands, and has no secrets', () => {
  const written: unknown[] = [];
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.push(text);
    return true;
  });
  rememberSecret('hunter2-x');
  warn(['no host hunter2-x', 'hosts.sh: \u001b]0;owned\u0007no\tcache\u001b[2J\r\nat all\b', 'twice', 'twice']);
  write.mockRestore();
  expect(written).toEqual([
    '[WARNING]: no host ********\n',
    '[WARNING]: hosts.sh: no\tcache\nat all\ufffd\n',
    '[WARNING]: twice\n',
  ]);
});
