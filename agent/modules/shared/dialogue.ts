import { findFirst } from '../../../proto/regex.ts';

/** What is said to a prompt: always the same, or the next of a list each time. */
type Answers = string | readonly string[];

/** Prompts are looked for in so many characters, the last ones. */
const windowLength = 2000;

/** Looks for prompts in what a program says, as pexpect does: the first one in the text counts, and what is before its end is done with. */
export class Dialogue {
  readonly #answers: ReadonlyMap<string, Answers>;
  readonly #given = new Map<string, number>();
  #unread = '';
  #said = '';

  /** By the prompts' regular expressions, which are Python's; a point stands for newlines, too. */
  constructor(answers: Readonly<Record<string, Answers>>) {
    this.#answers = new Map(Object.entries(answers));
  }

  /** Takes what the program said next; gives what is to be said, in order. Throws an Error where it does not know what. */
  hear(text: string): readonly string[] {
    this.#unread += text;
    this.#said = (this.#said + text).slice(-windowLength);
    const said: string[] = [];
    for (let prompt = this.#nextPrompt(); prompt !== undefined; prompt = this.#nextPrompt()) {
      said.push(this.#answer(prompt));
    }
    return said;
  }

  #nextPrompt(): string | undefined {
    const window = this.#unread.slice(-windowLength);
    const found = [...this.#answers.keys()].flatMap((prompt) => {
      const match = findFirst(withDotAll(prompt), window, { ignoreCase: false, multiline: false }, 'search');
      return match && match.text !== '' ? [{ prompt, index: match.index, end: match.index + match.text.length }] : [];
    });
    const [first] = found.toSorted((a, b) => a.index - b.index);
    this.#unread = first ? window.slice(first.end) : window;
    return first?.prompt;
  }

  #answer(prompt: string): string {
    const answers = this.#answers.get(prompt) ?? '';
    if (typeof answers === 'string') return answers;
    const count = this.#given.get(prompt) ?? 0;
    const answer = answers[count];
    if (answer === undefined) throw new Error(`No remaining responses for '${prompt}', output was '${this.#said}'`);
    this.#given.set(prompt, count + 1);
    return answer;
  }
}

function withDotAll(pattern: string): string {
  const [flags = '', letters = ''] = /^\(\?([aiLmsux]+)\)/.exec(pattern) ?? [];
  return `(?s${letters})${pattern.slice(flags.length)}`;
}
