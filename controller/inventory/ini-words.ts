/** A word of a line, with the offset of its first character. */
export interface Word {
  readonly text: string;
  readonly at: number;
}

/** Between double quotes a backslash stands for itself, but before one of these. */
function escaped(character: string, quote: string): string {
  return quote === '"' && character !== '"' && character !== '\\' ? `\\${character}` : character;
}

/**
 * Splits a line into words as Python's shlex does: quotes group and go, a backslash escapes, # starts a comment, in a word too.
 * Throws Error for a quote that is not closed.
 */
export function splitWords(line: string, comments = true): Word[] {
  const words: Word[] = [];
  let text = '';
  let start = -1;
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const character = line.charAt(i);
    if (quote === "'" ? character !== quote : quote !== '' && character !== quote && character !== '\\') {
      text += character;
    } else if (quote !== '' && character === quote) {
      quote = '';
    } else if (/\s/.test(character)) {
      if (start >= 0) words.push({ text, at: start });
      text = '';
      start = -1;
    } else if (comments && character === '#') {
      break;
    } else {
      if (start < 0) start = i;
      if (character === '\\') text += escaped(line.charAt(++i), quote);
      else if (character === '"' || character === "'") quote = character;
      else text += character;
    }
  }
  if (quote !== '') throw new Error(`a quote ${quote} is not closed`);
  if (start >= 0) words.push({ text, at: start });
  return words;
}
