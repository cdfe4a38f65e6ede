import { tmpdir } from 'node:os';
import { expect, test, vi } from 'vitest';
import { LocalProcess } from '../../controller/connect/calls/local-process.ts';

test('a program whose output nobody takes any more is ended', async () => {
  let pid = 0;
  const running = new LocalProcess(['sh', '-c', 'echo $$; exec sleep 20'], tmpdir(), process.env, async (chunk) => {
    pid = Number(chunk);
    throw new Error('enough');
  });
  await expect(running.ended).rejects.toThrow('enough');
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'));
});
