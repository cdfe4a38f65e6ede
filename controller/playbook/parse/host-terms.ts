/** A colon, or a blank, that separates terms: not inside of brackets (`~(?:a|b)`), not of an IPv6 address. */
export function splitColons(text: string): { text: string; at: number }[] {
  if (/^[!&]?[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*$/.test(text)) return [{ text, at: 0 }];
  const parts: { text: string; at: number }[] = [];
  let start = 0;
  let depth = 0;
  for (let i = 0; i <= text.length; i++) {
    const character = text.charAt(i);
    if (character === '[' || character === '(') depth++;
    if (character === ']' || character === ')') depth--;
    if (i < text.length && !(/[:\s]/.test(character) && depth <= 0)) continue;
    parts.push({ text: text.slice(start, i), at: start });
    start = i + 1;
  }
  return parts;
}

/** One pattern of a list, as a part of a text of them all, in which commas separate: of the same length. */
export function withCommas(pattern: string): string {
  if (/[,{]/.test(pattern)) return pattern;
  return splitColons(pattern)
    .map(({ text }) => text)
    .join(',');
}
