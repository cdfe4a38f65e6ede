import { mkdtempSync, rmSync } from 'node:fs';
import http2 from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { FileCredentials } from '../../agent/credentials.ts';
import { listen } from '../../agent/listen.ts';
import { windowBytes } from '../../proto/window.ts';
import { TestCa } from './certificates.ts';

it('takes a whole window of a stream and of a connection before it answers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'orch-windows-'));
  const ca = await TestCa.make();
  await ca.writeAgentFiles(folder);
  const server = new Server();
  const where = { port: 0, bind: '127.0.0.1' };
  const doors = await listen(server, where, join(folder, 'agent.sock'), new FileCredentials(folder));
  const { cert, key } = await ca.sign('controller');
  const session = http2.connect(`https://localhost:${doors.port}`, { ca: ca.cert, cert, key });
  try {
    await new Promise((resolve, reject) => session.once('remoteSettings', resolve).once('error', reject));
    expect(session.remoteSettings.initialWindowSize).toBe(windowBytes);
    await expect.poll(() => session.state.remoteWindowSize).toBe(windowBytes);
  } finally {
    session.destroy();
    doors.close();
    server.forceShutdown();
    rmSync(folder, { recursive: true });
  }
});
