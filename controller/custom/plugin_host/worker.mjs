// Holds the process that runs plugins, so that the thread which wants an answer can wait for it.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { workerData } from 'node:worker_threads';

const { port, told, command } = workerData;

function tell(message) {
  port.postMessage(message);
  Atomics.add(told, 0, 1);
  Atomics.notify(told, 0);
}

const child = spawn(command[0], command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
child.on('error', ({ message }) => tell({ ended: message }));
child.on('exit', (code, signal) => tell({ ended: `it ended with ${signal ?? code}` }));
// Its end tells more.
child.stdin.on('error', () => {});
port.on('message', (line) => child.stdin.write(`${line}\n`));
if (child.pid !== undefined) tell({ pid: child.pid });
createInterface({ input: child.stdout }).on('line', (line) => tell({ line }));
