import { closeSync, constants, openSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { OrchError } from '../../proto/errors.ts';
import { testbedDir } from './state.ts';

const deadlineMs = 10_000;

/** The monitor's socket of a host's QEMU, in the testbed's folder. */
export function monitorSocket(host: string): string {
  return `${host}-monitor.sock`;
}

/**
 * Resets a virtual machine as its reset button would: at once, and what its kernel has not written to the disk is lost.
 * Resolves once it begins its boot. @throws OrchError testbed-failed.
 */
export async function hardReset(host: string): Promise<void> {
  // The folder's path may be longer than the 107 bytes that a socket's may have, unix(7).
  const folder = openSync(testbedDir(), constants.O_RDONLY | constants.O_DIRECTORY);
  const socket = connect(join(`/proc/self/fd/${folder}`, monitorSocket(host)));
  const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${deadlineMs / 1000} s`)), deadlineMs);
  const broken = new Promise<never>((_, reject) => socket.once('error', reject));
  try {
    await Promise.race([broken, reset(socket)]);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OrchError({ code: 'testbed-failed', summary: `QEMU's monitor of ${host}: ${reason}.`, cause });
  } finally {
    clearTimeout(timer);
    socket.destroy();
    closeSync(folder);
  }
}

/** "QMP Reference Manual" of QEMU: set-action, system_reset, RESET. */
async function reset(monitor: Socket): Promise<void> {
  const lines = createInterface(monitor)[Symbol.asyncIterator]();
  const heard = async (key: string, value?: string): Promise<void> => {
    for (;;) {
      const { value: line, done } = await lines.next();
      if (done) throw new Error('closed');
      const message: Readonly<Record<string, unknown>> = JSON.parse(line);
      if ('error' in message) throw new Error(JSON.stringify(message.error));
      if (key in message && (value === undefined || message[key] === value)) return;
    }
  };
  const execute = async (command: string, args = {}): Promise<void> => {
    monitor.write(`${JSON.stringify({ execute: command, arguments: args, id: command })}\n`);
    await heard('id', command);
  };
  await heard('QMP');
  await execute('qmp_capabilities');
  // A reset ends QEMU (-no-reboot), so that a panic is seen: this one is let through.
  await execute('set-action', { reboot: 'reset' });
  await execute('system_reset');
  await heard('event', 'RESET');
  await execute('set-action', { reboot: 'shutdown' });
}
