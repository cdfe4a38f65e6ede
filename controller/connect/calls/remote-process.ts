import type { ClientDuplexStream } from '@grpc/grpc-js';
import { OrchError } from '../../../proto/errors.ts';
import type { ExecEnded, ExecRequest, ExecResponse, ExecStart } from '../../../proto/gen/orch/v1/agent.ts';
import { drained } from '../drained.ts';
import type { AgentConnection } from '../types.ts';
import { callError } from './rpc.ts';

/** Takes a piece of output, and resolves when there is room for more. */
export type TakeOutput = (chunk: Buffer, stderr: boolean) => Promise<void>;

/** A program, wherever it runs. */
export interface RunningProgram {
  /** How it ended, once all output was taken. Rejects with OrchError. */
  readonly ended: Promise<ExecEnded>;
  /** Resolves when there is room for more, or nobody reads any more. */
  write(bytes: Buffer): Promise<void>;
  endInput(): void;
  /** For it and all it started. */
  signal(name: NodeJS.Signals): void;
}

/** A program that an agent runs, its streams passed through at the pace of either side. */
export class RemoteProcess implements RunningProgram {
  readonly ended: Promise<ExecEnded>;
  private readonly call: ClientDuplexStream<ExecRequest, ExecResponse>;

  constructor({ client, host }: AgentConnection, start: ExecStart, take: TakeOutput) {
    this.call = client.exec();
    // Told by the reading side.
    this.call.on('error', () => undefined);
    this.call.write({ message: { $case: 'start', value: start } });
    this.ended = this.listen(host, take);
  }

  async write(bytes: Buffer): Promise<void> {
    if (!this.send({ $case: 'stdin', value: bytes })) await drained(this.call);
  }

  endInput(): void {
    this.send({ $case: 'stdinEnd', value: {} });
  }

  signal(name: NodeJS.Signals): void {
    this.send({ $case: 'signal', value: name });
  }

  /** Leaves: the agent ends the program. */
  cancel(): void {
    this.call.cancel();
  }

  private send(message: NonNullable<ExecRequest['message']>): boolean {
    return this.call.writable && this.call.write({ message });
  }

  private async listen(host: string, take: TakeOutput): Promise<ExecEnded> {
    let ended: ExecEnded | undefined;
    try {
      for await (const { message } of this.call as AsyncIterable<ExecResponse>) {
        if (message?.$case === 'output') await take(message.value.chunk as Buffer, message.value.stderr);
        if (message?.$case === 'ended') ended = message.value;
        if (ended !== undefined) this.call.end();
      }
    } catch (error) {
      // Who takes the output may have had enough of it.
      this.cancel();
      throw callError(host, error);
    }
    if (ended !== undefined) return ended;
    const summary = 'The agent ended the call before the program had ended.';
    throw new OrchError({ code: 'connection-lost', summary, where: { host } });
  }
}
