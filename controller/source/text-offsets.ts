/** How the text of a scalar is written. */
export type ScalarStyle = 'plain' | 'single' | 'double' | 'block';

interface Unit {
  readonly offset: number;
  /** White space of the source, which folding may drop, double or turn into another. */
  readonly blank: boolean;
}

const escapeLength: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Splits what stands between the quotes (or after the block header) into what gives one character each. */
function units(source: string, style: ScalarStyle): Unit[] {
  const result: Unit[] = [];
  let at = style === 'plain' ? 0 : style === 'block' ? source.indexOf('\n') + 1 || source.length : 1;
  const end = style === 'single' || style === 'double' ? source.length - 1 : source.length;
  while (at < end) {
    const character = source.charAt(at);
    let length = 1;
    let blank = /[ \t\r\n]/.test(character);
    if (style === 'single' && character === "'") length = 2;
    if (style === 'double' && character === '\\') {
      const escaped = source.charAt(at + 1);
      blank = escaped === '\n' || escaped === '\r';
      length = 2 + (escapeLength[escaped] ?? 0);
    }
    result.push({ offset: at, blank });
    // An astral \U escape gives two UTF-16 units.
    if (length === 10 && Number.parseInt(source.slice(at + 2, at + 10), 16) > 0xffff) {
      result.push({ offset: at, blank: false });
    }
    at += length;
  }
  return result;
}

/**
 * For a place in a scalar's value, the offset in its source text (quotes and block header included).
 * Folding moves white space only, so the value's other characters stand in the source in the same order;
 * `index` counts UTF-16 units of `value` and may be its length.
 */
export function sourceOffset(value: string, source: string, style: ScalarStyle, index: number): number {
  const all = units(source, style);
  let unit = 0;
  let offset = all[0]?.offset ?? 0;
  for (let i = 0; i <= index; i++) {
    const wanted = value[i];
    if (wanted === undefined) return (all[unit - 1]?.offset ?? offset) + (i === 0 ? 0 : 1);
    if (!/\s/.test(wanted)) while (all[unit]?.blank) unit++;
    const here = all[unit];
    if (!here) return offset;
    offset = here.offset;
    // A line break of the value may stand for many blanks of the source; those are skipped at the next visible character.
    if (i < index || !here.blank) unit++;
  }
  return offset;
}
