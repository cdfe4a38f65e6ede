import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { OrchError } from '../../../proto/errors.ts';
import { whenLate } from '../programs/when-late.ts';

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

/** A process, as far as it is talked to. */
interface Talker {
  readonly pid?: number | undefined;
  readonly input: Writable;
  readonly output: Readable;
  readonly kill: () => void;
  /** Resolves once it has ended and all that it said was heard. */
  readonly gone: Promise<void>;
}

/**
 * A process that answers lines on its standard input, in order, and is kept open because starting one costs a hundred
 * times as much as asking it. Standard error must come merged into standard output.
 */
export class Coprocess {
  readonly pid: number | undefined;
  private readonly talker: Talker;
  private readonly waiting: Question[] = [];
  private output = '';
  private dead = false;
  private readonly gone: Promise<void>;

  private constructor(talker: Talker) {
    this.talker = talker;
    this.pid = talker.pid;
    talker.output.setEncoding('utf8').on('data', (text: string) => this.take(text));
    // EPIPE after a death; the death itself is what counts.
    talker.input.on('error', () => undefined);
    this.gone = talker.gone.then(() => this.end());
  }

  /** Starts a program. */
  static start(argv: readonly string[]): Coprocess {
    const [command = '', ...args] = argv;
    const child = spawn(command, args, { stdio: 'pipe', cwd: '/' });
    child.stderr.resume();
    const gone = new Promise<void>((resolve) => {
      child.on('error', () => resolve());
      child.on('close', () => resolve());
    });
    return new Coprocess({
      pid: child.pid,
      input: child.stdin,
      output: child.stdout,
      kill: () => child.kill('SIGKILL'),
      gone,
    });
  }

  /** A process that somebody else started, at the other ends of two sockets: it ends when they are closed. */
  static at(input: Writable, output: Readable): Coprocess {
    const gone = new Promise<void>((resolve) => output.on('close', resolve));
    const kill = (): void => {
      input.destroy();
      output.destroy();
    };
    return new Coprocess({ input, output, kill, gone });
  }

  /** False once the process has ended; a new one must be started then. */
  get alive(): boolean {
    return !this.dead;
  }

  /** Writes text that has no answer. */
  tell(text: string): void {
    if (!this.dead) this.talker.input.write(text);
  }

  /** Writes text and resolves with what came back up to the end that `findEnd` sees. Rejects after the deadline. */
  ask(name: string, text: string, findEnd: FindEnd): Promise<Answer> {
    if (this.dead) return Promise.resolve({ text: '', end: 'unread' });
    return new Promise((resolve, reject) => {
      const late = (): void => {
        if (this.waiting.includes(question)) this.giveUp(`none within ${answerDeadlineMs / 1000} s`);
      };
      const timer = whenLate(answerDeadlineMs, late);
      const question: Question = { name, findEnd, resolve, reject, timer };
      this.waiting.push(question);
      this.talker.input.write(text);
    });
  }

  /** Ends the process by closing its input, and waits until it is gone (killed after the deadline of an answer). */
  async close(): Promise<void> {
    this.talker.input.end();
    const timer = setTimeout(() => this.talker.kill(), answerDeadlineMs);
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
    this.talker.kill();
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
