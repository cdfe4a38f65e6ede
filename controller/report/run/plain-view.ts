import type { Terminal } from '../terminal.ts';
import { cut } from '../width.ts';
import type { LiveView } from './live.ts';

/** Silence after which a reader of a log wonders whether anything is still going on. */
const firstMs = 3_000;
const nextMs = 10_000;
const mostLines = 4;
/** A program may print megabytes without a newline. */
const mostColumns = 160;

/** Only adds lines, for logs: what is printed and, when that is nothing for a while, where things stand. */
export function createPlainView(
  terminal: Pick<Terminal, 'write'>,
  lines: (most: number) => readonly string[],
): LiveView {
  let timer: NodeJS.Timeout | undefined;

  const wait = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const [first = '', ...rest] = lines(mostLines);
      const cutLines = [`... ${first}`, ...rest].map((line) => `${cut(line, mostColumns)}\n`);
      terminal.write(cutLines.join(''));
      wait(nextMs);
    }, ms).unref();
  };
  wait(firstMs);

  return {
    print: (text) => {
      terminal.write(text);
      wait(firstMs);
    },
    hold: (held) => {
      if (held) clearTimeout(timer);
      else wait(firstMs);
    },
    end: () => clearTimeout(timer),
  };
}
