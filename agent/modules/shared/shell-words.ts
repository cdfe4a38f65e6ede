/**
 * Splits a command line into words as Python's shlex does: within double quotes, a backslash is one but before a double quote or
 * another. Undefined when a quote is open.
 */
export function shellWords(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    if (quote === "'") {
      if (character === "'") quote = '';
      else word += character;
    } else if (character === '\\' && (quote === '' || /["\\]/.test(line.charAt(at + 1)))) {
      at++;
      if (at >= line.length) return undefined;
      word = (word ?? '') + line.charAt(at);
    } else if (quote === '"') {
      if (character === '"') quote = '';
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== '') return undefined;
  if (word !== undefined) words.push(word);
  return words;
}

/** What stands behind the first word of a command line. */
export function behindFirst(line: string): string {
  return line.replace(/^\s*(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/s, '');
}
