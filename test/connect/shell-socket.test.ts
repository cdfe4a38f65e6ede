import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { ShellSocket } from '../../controller/connect/calls/shell-socket.ts';

test('of what the far end says the last is kept, which tells why it ended', async () => {
  const shell = await ShellSocket.open(async (_argv, take) => ({
    ended: (async () => {
      for (const said of ['x'.repeat(80_000), 'because']) await take(Buffer.from(said), true);
      return { status: 23, timedOut: false };
    })(),
    write: async () => undefined,
    endInput: () => undefined,
    signal: () => undefined,
  }));
  const socket = connect(shell.command.at(-1) ?? '');
  socket.end('["rsync"]\n').resume();
  await once(socket, 'close');
  await shell.close();
  expect([shell.stderr.length, shell.stderr.slice(-9)]).toEqual([64 * 1024, 'xxbecause']);
});
