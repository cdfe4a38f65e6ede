import type { Terminal } from '../terminal.ts';
import { cut, width } from '../width.ts';

export interface LiveView {
  /** Prints text for good, above the lines that change. */
  print(text: string): void;
  /** Takes the changing lines away, and draws none, while it is held. */
  hold(held: boolean): void;
  /** Takes the changing lines away. */
  end(): void;
}

const frameMs = 120;
const mostLines = 9;
// A run that is over sooner than this needs no progress.
const quietMs = 250;

/**
 * Keeps a few changing lines below everything printed. They are cut to the terminal's width, so that none wraps; when the
 * terminal was made narrower since, the rows that they take up now are counted, so that all of them are erased.
 */
export function createLiveView(terminal: Terminal, lines: (most: number) => readonly string[]): LiveView {
  let drawn: readonly string[] = [];
  let waiting = true;
  let held = false;

  const erasure = (): string => {
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(width(line) / terminal.columns())), 0);
    return rows > 0 ? `\r\u001b[${rows}A\u001b[J` : '';
  };

  const frame = (): string => {
    if (waiting || held) {
      drawn = [];
      return '';
    }
    const most = Math.max(1, Math.min(mostLines, terminal.rows() - 2));
    drawn = lines(most).map((line) => cut(line, terminal.columns() - 1));
    return drawn.map((line) => `${line}\n`).join('');
  };

  const draw = (): void => {
    waiting = false;
    if (held) return;
    // Erased by the lines that are on the screen, which drawing replaces.
    const erase = erasure();
    terminal.write(erase + frame());
  };

  let timer = setTimeout(() => {
    draw();
    timer = setInterval(draw, frameMs).unref();
  }, quietMs).unref();

  return {
    print: (text) => {
      const erase = erasure();
      terminal.write(erase + text + frame());
    },
    hold: (now) => {
      held = now;
      if (!held) return;
      terminal.write(erasure());
      drawn = [];
    },
    end: () => {
      clearInterval(timer);
      terminal.write(erasure());
      drawn = [];
      waiting = true;
    },
  };
}
