// Combining marks, joiners and variation selectors take no column.
const zero = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
// East Asian Wide and Fullwidth blocks, and emoji shown as pictures, take two (Unicode UAX 11).
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}$/u;
const ascii = /^[\x20-\x7e]*$/;

function charWidth(char: string): number {
  if (char >= ' ' && char <= '~') return 1;
  if (zero.test(char)) return 0;
  return wide.test(char) ? 2 : 1;
}

/** Columns that a text without control characters takes in a terminal. */
export function width(text: string): number {
  if (ascii.test(text)) return text.length;
  let columns = 0;
  for (const char of text) columns += charWidth(char);
  return columns;
}

/** Cuts to at most `columns`, ending in … when something was cut. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let kept = '';
  let used = 1;
  for (const char of text) {
    used += charWidth(char);
    if (used > columns) break;
    kept += char;
  }
  return columns > 0 ? `${kept}…` : '';
}

/** Columns of the widest, but no more than `most`: a long one must not make all lines long. */
export function widest(texts: readonly string[], most = 100): number {
  return texts.reduce((widest, text) => Math.max(widest, Math.min(most, width(text))), 0);
}

/** Padded with blanks on the right to `columns`. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)));
}
