/**
 * A float whose value is whole: Python prints 2.0 where JavaScript has only 2. Other floats are plain numbers. It is data like
 * them: variables and results hold it. JSON has its number, `Number()` too.
 */
export class Float {
  readonly value: number;

  private constructor(value: number) {
    this.value = value;
  }

  /** A float as the engine holds it: plain unless it is whole. */
  static of(value: number): number | Float {
    return Number.isInteger(value) ? new Float(value) : value;
  }

  toJSON(): number {
    return this.value;
  }

  valueOf(): number {
    return this.value;
  }

  /** As Python prints it. */
  toString(): string {
    const { value } = this;
    if (Math.abs(value) >= 1e16) return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
    return Object.is(value, -0) ? '-0.0' : `${value}.0`;
  }
}

/** A number, whole or not, whether it is a float or not. */
export function isNumber(value: unknown): value is number | bigint | Float {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Float;
}
