import { isUtf8 } from 'node:buffer';
import { decode, encode } from '../../../../proto/encoding.ts';

/** What bytes that are no UTF-8 may be, as latin-1 shows them: what is, and single bytes that begin nothing. */
const sequence =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;

/** Stand for the bytes from 0x80 on, as Python's `surrogateescape` has it; no text has them alone. */
const lowest = 0xdc00;

/** A file's text; bytes that are no UTF-8, where it is to be that, stay what they are when it is written by `keptBytes`. */
export function keptText(content: Buffer, encoding = 'utf-8'): string {
  if (encoding !== 'utf-8') return decode(content, encoding, { fatal: true });
  if (isUtf8(content)) return content.toString('utf8');
  return content
    .toString('latin1')
    .replace(sequence, (found) =>
      found.length === 1
        ? String.fromCharCode(lowest + found.charCodeAt(0))
        : Buffer.from(found, 'latin1').toString('utf8'),
    );
}

/** The bytes of a text that `keptText` gave, or that was made of one. */
export function keptBytes(text: string, encoding = 'utf-8'): Buffer {
  if (encoding !== 'utf-8') return encode(text, encoding);
  const parts = text.split(/([\udc80-\udcff])/u);
  if (parts.length === 1) return Buffer.from(text);
  return Buffer.concat(
    parts.map((part, at) => (at % 2 === 0 ? Buffer.from(part) : Buffer.of(part.charCodeAt(0) - lowest))),
  );
}
