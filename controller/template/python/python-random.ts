import { createHash, randomBytes } from 'node:crypto';
import { Fault } from '../fault.ts';
import { checkItems } from '../limits.ts';

const size = 624;
const period = 397;

/** The 32-bit words of a whole number, lowest first. */
function wordsOf(value: bigint): number[] {
  const words: number[] = [];
  for (let rest = value < 0n ? -value : value; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn));
  return words.length === 0 ? [0] : words;
}

/** Python's random.Random(seed): the Mersenne Twister MT19937, so that the same seed picks what it picks in Ansible. */
export class PythonRandom {
  readonly #state = new Uint32Array(size);
  #index = size;

  /** A text, or a whole number; without a seed the numbers are unpredictable. */
  constructor(seed: string | bigint | undefined) {
    const text = typeof seed === 'string' ? Buffer.from(seed) : undefined;
    const bytes = text ? Buffer.concat([text, createHash('sha512').update(text).digest()]) : randomBytes(64);
    this.#seed(wordsOf(typeof seed === 'bigint' ? seed : BigInt(`0x${bytes.toString('hex')}`)));
  }

  /** init_by_array() of the reference implementation. */
  #seed(key: readonly number[]): void {
    const state = this.#state;
    const word = (index: number) => state[index] ?? 0;
    state[0] = 19650218;
    for (let index = 1; index < size; index++) {
      state[index] = Math.imul(1812433253, word(index - 1) ^ (word(index - 1) >>> 30)) + index;
    }
    let at = 1;
    let place = 0;
    const step = () => {
      if (++at < size) return;
      state[0] = word(size - 1);
      at = 1;
    };
    for (let count = Math.max(size, key.length); count > 0; count--) {
      state[at] = (word(at) ^ Math.imul(word(at - 1) ^ (word(at - 1) >>> 30), 1664525)) + (key[place] ?? 0) + place;
      step();
      place = (place + 1) % key.length;
    }
    for (let count = size - 1; count > 0; count--) {
      state[at] = (word(at) ^ Math.imul(word(at - 1) ^ (word(at - 1) >>> 30), 1566083941)) - at;
      step();
    }
    state[0] = 0x80000000;
  }

  #word(): number {
    const state = this.#state;
    if (this.#index >= size) {
      for (let index = 0; index < size; index++) {
        const mixed = ((state[index] ?? 0) & 0x80000000) | ((state[(index + 1) % size] ?? 0) & 0x7fffffff);
        state[index] = (state[(index + period) % size] ?? 0) ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0);
      }
      this.#index = 0;
    }
    let value = state[this.#index++] ?? 0;
    value ^= value >>> 11;
    value ^= (value << 7) & 0x9d2c5680;
    value ^= (value << 15) & 0xefc60000;
    return (value ^ (value >>> 18)) >>> 0;
  }

  #bits(count: number): bigint {
    let value = 0n;
    for (let shift = 0; shift < count; shift += 32) {
      const left = Math.min(32, count - shift);
      value |= BigInt(this.#word() >>> (32 - left)) << BigInt(shift);
    }
    return value;
  }

  /** A number from 0 up to, without, `count`. */
  below(count: bigint): bigint {
    if (count <= 0n) throw new Fault('there is nothing to choose from');
    const width = count.toString(2).length;
    for (;;) {
      const value = this.#bits(width);
      if (value < count) return value;
    }
  }

  shuffle(items: readonly unknown[]): unknown[] {
    checkItems(items.length);
    const mixed = [...items];
    for (let index = mixed.length - 1; index > 0; index--) {
      const other = Number(this.below(BigInt(index + 1)));
      [mixed[index], mixed[other]] = [mixed[other], mixed[index]];
    }
    return mixed;
  }
}
