import type { FilePlace } from '../../proto/errors.ts';
import { wasVaulted } from '../vault/vault.ts';

/** Longer lines (minified JSON) are not shown: a caret under them helps nobody. */
const longestExcerpt = 400;

/** A file's text that can say which line and column an offset is. Lines are counted when first asked. */
export class SourceText {
  readonly file: string;
  readonly text: string;
  #lineStarts: number[] | undefined;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  /** Place of an offset (UTF-16 units from 0; clamped to the text). */
  place(offset: number): FilePlace {
    const at = Math.max(0, Math.min(offset, this.text.length));
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return this.#placeInLine(low, at - (starts[low] ?? 0) + 1);
  }

  #placeInLine(line: number, column: number): FilePlace {
    const starts = this.#starts();
    const start = starts[line] ?? 0;
    const next = starts[line + 1];
    const end = next === undefined ? this.text.length : next - 1;
    const place = { file: this.file, line: line + 1, column };
    if (end - start > longestExcerpt || wasVaulted(this.file)) return place;
    return { ...place, excerpt: this.text.slice(start, end).replace(/\r$/, '') };
  }

  #starts(): number[] {
    if (!this.#lineStarts) {
      this.#lineStarts = [0];
      for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) {
        this.#lineStarts.push(at + 1);
      }
    }
    return this.#lineStarts;
  }
}
