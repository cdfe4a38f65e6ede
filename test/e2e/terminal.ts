import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';

/** A program on a terminal of its own, made by script(1); keys are what is typed. */
export class Terminal {
  /** Exit code, once it has ended. */
  readonly ended: Promise<number | null>;
  /** All that it has shown. */
  screen = '';
  private readonly child: ChildProcessWithoutNullStreams;
  private seen = 0;
  private wake: () => void = () => undefined;

  /** `command` is a shell's line; before it runs, the terminal says its own name. */
  constructor(command: string, env: NodeJS.ProcessEnv) {
    const line = `stty rows 24 cols 80; tty; ${command}`;
    this.child = spawn('script', ['-qefc', line, '/dev/null'], { env: { ...env, SHELL: '/bin/sh' } });
    this.child.stdout.on('data', (chunk: Buffer) => {
      this.screen += chunk;
      this.wake();
    });
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code) => {
        resolve(code);
        this.wake();
      });
    });
  }

  type(keys: string): void {
    this.child.stdin.write(keys);
  }

  /** Waits until it shows a text after what was awaited before; throws with the screen when it ends first, or after 20 s. */
  async shows(text: RegExp): Promise<RegExpExecArray> {
    let late = false;
    const deadline = setTimeout(() => {
      late = true;
      this.wake();
    }, 20_000);
    try {
      return await this.awaited(text, () => late);
    } finally {
      clearTimeout(deadline);
    }
  }

  private async awaited(text: RegExp, late: () => boolean): Promise<RegExpExecArray> {
    for (;;) {
      const found = text.exec(this.screen.slice(this.seen));
      if (found !== null) {
        this.seen += found.index + found[0].length;
        return found;
      }
      if (this.child.exitCode !== null) throw new Error(`ended before it showed ${text}:\n${this.screen}`);
      if (late()) throw new Error(`has not shown ${text} after 20 s:\n${this.screen}`);
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  resize(tty: string, rows: number, columns: number): void {
    execFileSync('stty', ['-F', tty, 'rows', String(rows), 'cols', String(columns)]);
  }

  end(): void {
    this.child.kill('SIGKILL');
  }
}
