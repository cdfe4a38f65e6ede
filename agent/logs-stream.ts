import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { OrchError } from '../proto/errors.ts';
import type { LogsRequest, LogsResponse } from '../proto/gen/orch/v1/agent.ts';
import { drained } from './drained.ts';
import type { Daemons } from './linux/daemons/daemons.ts';
import type { DaemonLog } from './linux/daemons/log.ts';
import { rpcError } from './rpc-error.ts';

type LogsCall = ServerWritableStream<LogsRequest, LogsResponse>;

/** How often a log that is followed is looked at. */
const lookMs = 100;

/** Sends the last lines of a daemon's log; with follow also what comes, until the caller leaves or the daemon is removed. */
export async function serveLogs(call: LogsCall, daemons: Daemons): Promise<void> {
  const { name, lines, follow } = call.request;
  const netns = call.request.netns || undefined;
  const left = new AbortController();
  call.once('cancelled', () => left.abort()).once('close', () => left.abort());
  try {
    const log = daemons.log(name, netns);
    if (log === undefined) throw noDaemon(name, netns, daemons);
    let position = await sendFrom(call, log, log.tail(lines), left.signal);
    while (follow && !left.signal.aborted && daemons.log(name, netns) === log) {
      await sleep(lookMs, undefined, { signal: left.signal }).catch(() => undefined);
      position = await sendFrom(call, log, position, left.signal);
    }
    call.end();
  } catch (error) {
    if (!call.destroyed) call.emit('error', rpcError(error));
  }
}

/** Sends what is there at the reader's pace, and gives the position after it. */
async function sendFrom(call: LogsCall, log: DaemonLog, from: number, left: AbortSignal): Promise<number> {
  let position = from;
  while (!left.aborted) {
    const { bytes, next } = log.read(position);
    if (bytes.length === 0) break;
    position = next;
    call.write({ chunk: bytes });
    await drained(call);
  }
  return position;
}

function noDaemon(name: string, netns: string | undefined, daemons: Daemons): OrchError {
  const there = daemons
    .states()
    .map(({ spec }) => (spec.netns === undefined ? spec.name : `${spec.netns}/${spec.name}`));
  return new OrchError({
    code: 'missing-object',
    summary: `There is no daemon ${name} ${netns === undefined ? "in the host's own namespace" : `in netns ${netns}`}.`,
    detail: there.length === 0 ? 'This host has no daemons.' : `There are: ${there.sort().join(', ')}.`,
    hint: 'HOST/NETNS NAME names one in a namespace; a daemon task makes one.',
  });
}
