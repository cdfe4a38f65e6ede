import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { pieceBytes } from '../../../agent/modules/module.ts';
import type { BringRequest } from '../../../proto/gen/orch/v1/agent.ts';
import { Limiter } from '../limiter.ts';
import type { AgentConnection } from '../types.ts';

/** What a large content is read from: a file of the workstation, or memory. */
export type ContentSource = string | Buffer;

/** They share the workstation's line: behind more of them the answers of hosts, and the pings to them, would be late. */
const sendingAtOnce = 4;
/** A host that has taken nothing for so long, as one with a stuck disk, keeps the others waiting no longer. */
const patienceMs = 20_000;
const sending = new Limiter(sendingAtOnce, patienceMs);

/**
 * Sends a content that an agent asked for, in its turn; undefined: one that nobody has offered. Resolves once the agent has it, or
 * wants no more of it. Never rejects: where it fails, the task that waits for it is told so by the agent.
 */
export function bringContent(
  { client }: AgentConnection,
  id: string,
  source: ContentSource | undefined,
): Promise<void> {
  return sending.run(async (moved) => {
    const over = new AbortController();
    const answered = once(over.signal, 'abort');
    const call = opened(client, () => over.abort());
    if (call === undefined) return;
    call.on('error', () => over.abort());
    // A piece is waited for until it is on its way: so one of them is in memory, and not all.
    const send = async (message: BringRequest['message']) => {
      await Promise.race([answered, new Promise<void>((resolve) => call.write({ message }, () => resolve()))]);
      over.signal.throwIfAborted();
      moved();
    };
    try {
      await send({ $case: 'start', value: { id } });
      await sendAll(source, send).catch((error: unknown) => {
        if (over.signal.aborted) throw error;
        return send({ $case: 'failed', value: error instanceof Error ? error.message : String(error) });
      });
      call.end();
    } catch {
      call.cancel();
    }
    await answered;
  });
}

/** Undefined where the run has ended since, and its channel is closed. */
function opened(client: AgentConnection['client'], end: () => void): ReturnType<typeof client.bring> | undefined {
  try {
    return client.bring(end);
  } catch {
    return undefined;
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
