import type { ClientDuplexStream } from '@grpc/grpc-js';
import type { AgentServiceClient, RunRequest, RunResponse, Task } from '../../proto/gen/orch/v1/agent.ts';

type Messages = { [M in NonNullable<RunResponse['message']> as M['$case']]: M['value'] };

/** One Run stream seen from the controller. */
export class RunClient {
  readonly responses: RunResponse[] = [];
  private readonly call: ClientDuplexStream<RunRequest, RunResponse>;
  private wake: () => void = () => undefined;
  private failure: Error | undefined;
  private ended = false;

  constructor(client: AgentServiceClient) {
    this.call = client.run();
    this.call.on('data', (response: RunResponse) => {
      const { message } = response;
      this.responses.push(...(message?.$case === 'batch' ? message.value.responses : [response]));
      this.wake();
    });
    this.call.on('error', (error: Error) => {
      this.failure = error;
      this.wake();
    });
    this.call.on('end', () => {
      this.ended = true;
      this.wake();
    });
  }

  open(lab: string, run: string, waitMs = 0): this {
    return this.send({ $case: 'open', value: { lab, run, holder: `tester of ${run}`, waitMs } });
  }

  tasks(...tasks: readonly Task[]): this {
    for (const value of tasks) this.send({ $case: 'task', value });
    return this;
  }

  close(): this {
    return this.send({ $case: 'close', value: { exit: 0, summaryJson: '{}' } });
  }

  send(message: NonNullable<RunRequest['message']>): this {
    this.call.write({ message });
    return this;
  }

  /** Breaks the connection as a lost network would. */
  break(): void {
    this.call.on('error', () => undefined);
    this.call.cancel();
  }

  /** Resolves with the first response of a kind that fits; rejects when the stream ends without. */
  async next<C extends keyof Messages>(
    kind: C,
    fits: (value: Messages[C]) => boolean = () => true,
  ): Promise<Messages[C]> {
    for (;;) {
      for (const value of this.all(kind)) if (fits(value)) return value;
      if (this.failure !== undefined) throw this.failure;
      if (this.ended) throw new Error(`the stream ended without ${kind}`);
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** What came of one kind so far. */
  all<C extends keyof Messages>(kind: C): readonly Messages[C][] {
    return this.responses.flatMap(({ message }) => (message?.$case === kind ? [message.value as Messages[C]] : []));
  }
}
