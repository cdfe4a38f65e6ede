import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { makePrivateFolder } from './private-folder.ts';

/** What RUN/agent.json says of the agent that serves. */
export interface Serving {
  readonly pid: number;
  readonly port: number;
  readonly bundle: string;
  readonly version: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** The root-only socket: 0600 in a folder of 0700. */
export function socketPath(runDir: string): string {
  return join(runDir, 'agent.sock');
}

function servingPath(runDir: string): string {
  return join(runDir, 'agent.json');
}

/** Makes the folder, and takes away the socket of an agent that was killed. Undefined, or who serves here already. */
export async function claimRunFolder(runDir: string): Promise<Partial<Serving> | undefined> {
  makePrivateFolder(runDir);
  if (!existsSync(socketPath(runDir))) return undefined;
  if (await answers(socketPath(runDir))) return readServing(runDir) ?? {};
  rmSync(socketPath(runDir), { force: true });
  return undefined;
}

/** Says that this process serves; at once for readers. */
export function announce(runDir: string, serving: Serving): void {
  const path = servingPath(runDir);
  writeFileSync(`${path}.new`, `${JSON.stringify(serving)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Takes back the announcement, unless another agent has taken over. */
export function withdraw(runDir: string): void {
  if (readServing(runDir)?.pid !== process.pid) return;
  rmSync(socketPath(runDir), { force: true });
  rmSync(servingPath(runDir), { force: true });
}

function readServing(runDir: string): Partial<Serving> | undefined {
  try {
    return JSON.parse(readFileSync(servingPath(runDir), 'utf8')) as Partial<Serving>;
  } catch {
    return undefined;
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.setTimeout(2000, () => finish(false));
    const finish = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}
