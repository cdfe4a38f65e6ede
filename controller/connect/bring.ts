import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { pieceBytes } from '../../agent/modules/module.ts';
import type { BringRequest } from '../../proto/gen/orch/v1/agent.ts';
import type { AgentConnection } from './types.ts';

/** What a large content is read from: a file of the workstation, or memory. */
export type ContentSource = string | Buffer;

/**
 * Sends a content that an agent asked for; undefined: one that nobody has offered. Never rejects: where it fails, the task that
 * waits for it is told so by the agent.
 */
export async function bringContent(
  { client }: AgentConnection,
  id: string,
  source: ContentSource | undefined,
): Promise<void> {
  const abort = new AbortController();
  const call = client.bring(() => abort.abort());
  call.on('error', () => abort.abort());
  const send = async (message: BringRequest['message']) => {
    if (!call.write({ message })) await once(call, 'drain', { signal: abort.signal });
  };
  try {
    await send({ $case: 'start', value: { id } });
    await sendAll(source, send).catch((error: unknown) => {
      if (abort.signal.aborted) throw error;
      return send({ $case: 'failed', value: error instanceof Error ? error.message : String(error) });
    });
    call.end();
  } catch {
    call.cancel();
  }
}

async function sendAll(
  source: ContentSource | undefined,
  send: (message: BringRequest['message']) => Promise<void>,
): Promise<void> {
  if (source === undefined) throw new Error('The workstation has no such content.');
  for await (const chunk of chunksOf(source)) await send({ $case: 'chunk', value: chunk });
  await send({ $case: 'end', value: {} });
}

async function* chunksOf(source: ContentSource): AsyncGenerator<Buffer> {
  if (typeof source === 'string') yield* createReadStream(source, { highWaterMark: pieceBytes });
  else for (let at = 0; at < source.length; at += pieceBytes) yield source.subarray(at, at + pieceBytes);
}
