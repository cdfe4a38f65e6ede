/** A float whose value is whole: Python prints 2.0 where JavaScript has only 2. Other floats are plain numbers. */
export class Float {
  readonly value: number;

  private constructor(value: number) {
    this.value = value;
  }

  /** A float as the engine holds it: plain unless it is whole. */
  static of(value: number): number | Float {
    return Number.isInteger(value) ? new Float(value) : value;
  }
}
