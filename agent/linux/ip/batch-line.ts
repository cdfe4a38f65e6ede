/** Longest line and most words that are put on one; iproute2 ends the process beyond 512 words (lib/utils.c, makeargs). */
const maxWords = 500;
const maxBytes = 65_536;

/**
 * One line for `ip -batch -` that iproute2 splits back into exactly these arguments, or undefined when no such line
 * exists. Its rules (lib/utils.c, getcmdline and makeargs): '#' starts a comment even inside quotes, a backslash
 * before the line's end joins two lines, a word that begins with ' or " ends at the next one of the same kind, and
 * nothing escapes anything.
 */
export function batchLine(args: readonly string[]): string | undefined {
  if (args.length === 0 || args.length > maxWords) return undefined;
  const words: string[] = [];
  for (const arg of args) {
    const word = quoted(arg);
    if (word === undefined) return undefined;
    words.push(word);
  }
  // The blank keeps a trailing backslash away from the line's end.
  const line = `${words.join(' ')} \n`;
  return Buffer.byteLength(line) > maxBytes ? undefined : line;
}

function quoted(arg: string): string | undefined {
  if (/[#\n\r\0]/.test(arg)) return undefined;
  if (arg !== '' && !/^['"]|[ \t]/.test(arg)) return arg;
  if (!arg.includes('"')) return `"${arg}"`;
  return arg.includes("'") ? undefined : `'${arg}'`;
}
