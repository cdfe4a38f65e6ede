/** There is no such encoding, or it can't have what is asked of it. */
export class EncodingProblem extends Error {}

/** Python's names of encodings that TextDecoder knows by another one, or means something else by. */
const pythonNames: Readonly<Record<string, string>> = {
  ...{ utf8: 'utf-8', u8: 'utf-8', utf16: 'utf-16', 'utf-16le': 'utf-16-le', 'utf-16be': 'utf-16-be' },
  ...{ 'us-ascii': 'ascii', 646: 'ascii', latin1: 'latin-1', l1: 'latin-1', 'iso-8859-1': 'latin-1' },
  ...{ 'iso8859-1': 'latin-1', 8859: 'latin-1', cp819: 'latin-1', 'latin-9': 'iso-8859-15' },
};

/** What windows-1252 has from 0x80 on, where Latin-1 has control characters; Node's decoder mistakes the one for the other. */
const windowsCharacters = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

const mark = Buffer.from('\ufeff', 'utf16le');

function nameOf(encoding: string): string {
  const name = encoding.toLowerCase().replace(/[_ ]/g, '-');
  return pythonNames[name] ?? name;
}

function decoderOf(encoding: string, options?: { readonly fatal: boolean }) {
  try {
    return new TextDecoder(
      nameOf(encoding)
        .replace(/^utf-16-/, 'utf-16')
        .replace('utf-8-sig', 'utf-8'),
      options,
    );
  } catch {
    throw new EncodingProblem(`unknown encoding: ${encoding}`);
  }
}

/** What each byte of an encoding means; it is unknown here if it has characters of several bytes. */
function singleBytes(encoding: string): readonly string[] {
  const decoder = decoderOf(encoding);
  if (decoder.encoding === 'windows-1252')
    return Array.from({ length: 256 }, (_, byte) => windowsCharacters[byte - 0x80] ?? String.fromCharCode(byte));
  const all = Array.from({ length: 256 }, (_, byte) => decoder.decode(Buffer.of(byte)));
  if (all.every((character) => character.length === 1)) return all;
  throw new EncodingProblem(`unknown encoding: ${encoding}`);
}

/** The bytes of a text, each character's place in a table. */
function placed(text: string, encoding: string, placeOf: (character: string) => number | undefined): Buffer {
  const bytes = Array.from(text, (character) => {
    const byte = placeOf(character);
    if (byte === undefined) throw new EncodingProblem(`'${encoding}' codec can't encode character '${character}'`);
    return byte;
  });
  return Buffer.from(bytes);
}

/**
 * A text in an encoding that has one of Python's names: latin-1, utf_16_le, cp1252, ... Throws EncodingProblem where it is
 * unknown, or lacks a character.
 */
export function encode(text: string, encoding: string): Buffer {
  const name = nameOf(encoding);
  if (name === 'utf-8') return Buffer.from(text);
  if (name === 'utf-8-sig') return Buffer.from(`\ufeff${text}`);
  if (name === 'utf-16') return Buffer.concat([mark, Buffer.from(text, 'utf16le')]);
  if (name === 'utf-16-le') return Buffer.from(text, 'utf16le');
  if (name === 'utf-16-be') return Buffer.from(text, 'utf16le').swap16();
  if (name === 'ascii' || name === 'latin-1') {
    const end = name === 'ascii' ? 0x80 : 0x100;
    return placed(text, encoding, (character) => {
      const point = character.codePointAt(0) ?? 0;
      return point < end ? point : undefined;
    });
  }
  const places = new Map(singleBytes(encoding).map((character, byte) => [character, byte]));
  places.delete('\ufffd');
  return placed(text, encoding, (character) => places.get(character));
}

/** What bytes mean in an encoding, as `encode` knows it; those that mean nothing are replaced, or throw EncodingProblem. */
export function decode(bytes: Uint8Array, encoding: string, { fatal }: { readonly fatal: boolean }): string {
  const name = nameOf(encoding);
  if (name === 'latin-1') return Buffer.from(bytes).toString('latin1');
  const decoder = decoderOf(encoding, { fatal });
  try {
    if (name === 'ascii' && fatal && bytes.some((byte) => byte > 0x7f)) throw new RangeError();
    if (decoder.encoding !== 'windows-1252') return decoder.decode(bytes);
    const table = singleBytes(encoding);
    return Array.from(bytes, (byte) => table[byte]).join('');
  } catch {
    throw new EncodingProblem(`'${encoding}' codec can't decode the bytes`);
  }
}
