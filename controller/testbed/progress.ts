import { setTimeout as delay } from 'node:timers/promises';

const reminderMs = 10_000;

/** Tells a person on stderr what the testbed is doing, with the time since the command began. */
export interface Progress {
  say(text: string): void;
  /** Says `text`, and again every 10 s until `work` ends. */
  during<T>(text: string, work: Promise<T>): Promise<T>;
}

export function startProgress(write: (line: string) => void = (line) => process.stderr.write(line)): Progress {
  const began = performance.now();
  const say = (text: string) => {
    const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(5);
    write(`testbed ${seconds} s  ${text}\n`);
  };
  return {
    say,
    async during(text, work) {
      say(text);
      const ended = new AbortController();
      const remind = async () => {
        while (!ended.signal.aborted) {
          await delay(reminderMs, undefined, { signal: ended.signal });
          say(`still ${text}`);
        }
      };
      remind().catch(() => undefined);
      try {
        return await work;
      } finally {
        ended.abort();
      }
    },
  };
}
