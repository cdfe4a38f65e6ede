/** The keys of a person at the terminal. */
export interface Keyboard {
  /**
   * Gives keys to `take`, one after the other, until that returns something; Ctrl-C is a key like others. Undefined once so many
   * milliseconds are over, or nothing more can come. Rejects once the signal is aborted.
   */
  read<T>(take: (key: string) => T | undefined, signal: AbortSignal, milliseconds?: number): Promise<T | undefined>;
  /** Shows what was typed: the terminal does not. */
  echo(text: string): void;
}

/** The own terminal's; undefined where there is none. */
export function ownKeyboard(): Keyboard | undefined {
  const { stdin, stdout } = process;
  if (stdin.isTTY !== true) return undefined;
  return {
    read: <T>(take: (key: string) => T | undefined, signal: AbortSignal, milliseconds?: number) =>
      new Promise<T | undefined>((resolve, reject) => {
        const timer = milliseconds === undefined ? undefined : setTimeout(() => over(), milliseconds);
        const over = (taken?: T): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', aborted);
          stdin.off('data', typed).off('end', ended).pause().setRawMode(false);
          resolve(taken);
        };
        const typed = (keys: Buffer): void => {
          for (const key of keys.toString()) {
            const taken = take(key);
            if (taken === undefined) continue;
            over(taken);
            break;
          }
        };
        const ended = (): void => over();
        const aborted = (): void => {
          reject(signal.reason);
          over();
        };
        stdin.setRawMode(true).on('data', typed).on('end', ended).resume();
        signal.addEventListener('abort', aborted);
      }),
    echo: (text) => {
      stdout.write(text);
    },
  };
}
