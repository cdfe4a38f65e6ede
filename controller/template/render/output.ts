import { checkText } from '../limits.ts';
import { printedText } from '../python/text.ts';
import { absentBy, isAbsent, type Undefined } from '../python/values.ts';

/** What a body prints: text that grows up to a bound, or the one value that was all; None where nothing was printed. */
export class Output {
  readonly #parts: string[] = [];
  #length = 0;
  #only: unknown = null;
  #count = 0;
  /** True behind `extends`: what the template prints outside of its blocks is dropped. */
  closed = false;
  readonly #givesOn: boolean;
  #absent: Undefined | undefined;

  /** `givesOn`: what does not exist is an error only for who uses the value, which is the first such then. */
  constructor(givesOn = false) {
    this.#givesOn = givesOn;
  }

  add(value: unknown): void {
    if (value === null || value === undefined || this.closed) return;
    if (this.#givesOn && isAbsent(value)) {
      this.#absent ??= value;
      return;
    }
    if (this.#count === 1) this.#append(this.#only);
    if (this.#count > 0) this.#append(value);
    else this.#only = value;
    this.#count++;
  }

  #append(value: unknown): void {
    const text = this.#textOf(value);
    this.#length += text.length;
    checkText(this.#length);
    this.#parts.push(text);
  }

  #textOf(value: unknown): string {
    try {
      return printedText(value);
    } catch (error) {
      const absent = this.#givesOn ? absentBy(error) : undefined;
      if (absent === undefined) throw error;
      this.#absent ??= absent;
      return '';
    }
  }

  get value(): unknown {
    return this.#absent ?? this.#text;
  }

  get #text(): unknown {
    return this.#count > 1 ? this.#parts.join('') : this.#only;
  }
}
