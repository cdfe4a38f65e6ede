/**
 * What bytes mean in an encoding that has one of Python's names: latin-1, utf_16_le, cp1252, ... Throws RangeError where it is
 * unknown, and TypeError where it can't mean them, unless it may replace those.
 */
export function decode(bytes: Uint8Array, encoding: string, { fatal }: { readonly fatal: boolean }): string {
  const label = encoding.toLowerCase().replaceAll('_', '-');
  return new TextDecoder(label.replace(/^latin-/, 'latin').replace(/^utf-16-/, 'utf-16'), { fatal }).decode(bytes);
}
