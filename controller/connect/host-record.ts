import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { others } from '../ownership.ts';
import { readPrivate, writePrivate } from './trust/private-file.ts';
import type { Target } from './types.ts';

/** What this workstation remembers of a host's agent, so that the next run needs no SSH. */
export interface HostRecord {
  readonly address: string;
  readonly port: number;
  readonly bundle: string;
  /** Issuer of the agent's certificate, PEM; learnt over a verified SSH session. */
  readonly authority: string;
  /** Name in the agent's certificate. */
  readonly serverName: string;
  readonly expiresMs: number;
  /** How the agent was reached: through a tunnel means that the direct way was tried in vain. */
  readonly transport: 'tls' | 'tunnel';
  readonly savedMs: number;
}

/** What makes two targets the same host with the same credentials. */
export function targetId(target: Target): string {
  const { address, port, user, keyFile, sshArgs, connection, agentAddress, agentPort } = target;
  const identity = [address, port, user, keyFile, sshArgs, connection ?? 'ssh', agentAddress, agentPort];
  // undefined becomes null: absent and present values never meet.
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 40);
}

/**
 * The remembered agent of a target; undefined: none, no record, or its certificate has ended. Throws OrchError 'unsafe-file'
 * when others could have written it: it says whom to trust.
 */
export async function readRecord(folder: string, target: Target): Promise<HostRecord | undefined> {
  const text = await readPrivate(fileOf(folder, target), others.writing);
  if (text === undefined) return undefined;
  try {
    const record: unknown = JSON.parse(text);
    return isRecord(record) && record.expiresMs > Date.now() ? record : undefined;
  } catch {
    return undefined;
  }
}

export async function writeRecord(folder: string, target: Target, record: HostRecord): Promise<void> {
  await writePrivate(fileOf(folder, target), `${JSON.stringify(record)}\n`);
}

export async function forgetRecord(folder: string, target: Target): Promise<void> {
  await rm(fileOf(folder, target), { force: true });
}

function fileOf(folder: string, target: Target): string {
  return join(folder, `${targetId(target)}.json`);
}

function isRecord(value: unknown): value is HostRecord {
  const { address, port, bundle, authority, serverName, expiresMs, transport, savedMs } = (value ?? {}) as Partial<
    Record<keyof HostRecord, unknown>
  >;
  return (
    [address, bundle, authority, serverName].every((field) => typeof field === 'string') &&
    [port, expiresMs, savedMs].every((field) => typeof field === 'number') &&
    (transport === 'tls' || transport === 'tunnel')
  );
}
