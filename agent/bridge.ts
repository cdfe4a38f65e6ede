import { connect } from 'node:net';
import { OrchError } from '../proto/errors.ts';
import { socketPath } from './run-folder.ts';

/**
 * Relays standard input and output to the agent's socket, for those who reach root by sudo alone.
 * Ends with the connection; throws OrchError when no agent serves.
 */
export function bridge(runDir: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath(runDir));
    socket.once('connect', () => {
      process.stdin.pipe(socket);
      socket.pipe(process.stdout);
    });
    // The other end of standard output may go first.
    process.stdout.on('error', () => socket.destroy());
    socket.once('error', (cause) => {
      const summary = `No agent answers on ${socketPath(runDir)}: ${cause.message}.`;
      reject(new OrchError({ code: 'host-unreachable', summary, cause }));
    });
    socket.once('close', () => {
      process.stdin.destroy();
      resolve();
    });
  });
}
