import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { OrchError } from '../../proto/errors.ts';

/** Where the answer at the head of `output` ends; undefined while it is not complete. */
export type FindEnd = (output: string) => number | undefined;

interface Question {
  readonly name: string;
  readonly findEnd: FindEnd;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: OrchError) => void;
  readonly timer: NodeJS.Timeout;
}

/** `died`: the process ended while it answered, after saying `text`. `unread`: it ended before it took up the question. */
export interface Answer {
  readonly text: string;
  readonly end: 'answered' | 'died' | 'unread';
}

const answerDeadlineMs = 15_000;
const maxAnswerBytes = 64 * 1024 * 1024;

/**
 * A child process that answers lines on its standard input, in order, and is kept open because starting one costs
 * a hundred times as much as asking it. Standard error must come merged into standard output.
 */
export class Coprocess {
  readonly pid: number | undefined;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly waiting: Question[] = [];
  private output = '';
  private dead = false;
  private readonly gone: Promise<void>;

  constructor(argv: readonly string[]) {
    const [command = '', ...args] = argv;
    this.child = spawn(command, args, { stdio: 'pipe', cwd: '/' });
    this.pid = this.child.pid;
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => this.take(text));
    this.child.stderr.resume();
    // EPIPE after a death; the death itself is what counts.
    this.child.stdin.on('error', () => undefined);
    this.gone = new Promise((resolve) => {
      this.child.on('error', () => {
        this.end();
        resolve();
      });
      this.child.on('close', () => {
        this.end();
        resolve();
      });
    });
  }

  /** False once the process has ended; a new one must be started then. */
  get alive(): boolean {
    return !this.dead;
  }

  /** Writes text that has no answer. */
  tell(text: string): void {
    if (!this.dead) this.child.stdin.write(text);
  }

  /** Writes text and resolves with what came back up to the end that `findEnd` sees. Rejects after the deadline. */
  ask(name: string, text: string, findEnd: FindEnd): Promise<Answer> {
    if (this.dead) return Promise.resolve({ text: '', end: 'unread' });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.giveUp(`none within ${answerDeadlineMs / 1000} s`), answerDeadlineMs);
      this.waiting.push({ name, findEnd, resolve, reject, timer });
      this.child.stdin.write(text);
    });
  }

  /** Ends the process by closing its input, and waits until it is gone (killed after the deadline of an answer). */
  async close(): Promise<void> {
    this.child.stdin.end();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), answerDeadlineMs);
    await this.gone;
    clearTimeout(timer);
  }

  private take(text: string): void {
    this.output += text;
    if (this.output.length > maxAnswerBytes) this.giveUp(`more than ${maxAnswerBytes / 1024 / 1024} MiB`);
    for (let question = this.waiting[0]; question !== undefined; question = this.waiting[0]) {
      const end = question.findEnd(this.output);
      if (end === undefined) return;
      const answer = this.output.slice(0, end);
      this.output = this.output.slice(end);
      this.waiting.shift();
      clearTimeout(question.timer);
      question.resolve({ text: answer, end: 'answered' });
    }
  }

  private giveUp(why: string): void {
    this.child.kill('SIGKILL');
    for (const question of this.waiting.splice(0)) {
      clearTimeout(question.timer);
      question.reject(
        new OrchError({
          code: 'command-failed',
          summary: `${question.name} gave no usable answer: ${why}.`,
        }),
      );
    }
    this.end();
  }

  private end(): void {
    this.dead = true;
    const [first, ...others] = this.waiting.splice(0);
    // Answers come in order, so only the first question was taken up.
    if (first !== undefined) {
      clearTimeout(first.timer);
      first.resolve({ text: this.output, end: 'died' });
    }
    for (const question of others) {
      clearTimeout(question.timer);
      question.resolve({ text: '', end: 'unread' });
    }
    this.output = '';
  }
}
