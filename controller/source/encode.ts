import { OrchError } from '../../proto/errors.ts';

/** What windows-1252 has where Latin-1 has control characters, from 0x80 on; blanks stand for bytes that mean nothing. */
const windowsCharacters = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

const windowsBytes = new Map(
  Array.from(windowsCharacters, (character, index) => [character, 0x80 + index] as const).filter(
    ([character]) => character !== ' ',
  ),
);

function bytes(text: string, encoding: string, byteOf: (character: string) => number): Buffer {
  const encoded = Array.from(text, (character) => {
    const byte = byteOf(character);
    if (byte < 256) return byte;
    throw new OrchError({ code: 'task-failed', summary: `${encoding} has no "${character}".` });
  });
  return Buffer.from(encoded);
}

/** A text in an encoding, by one of Python's names for it. Throws OrchError where there is no such one, or it lacks a character. */
export function encode(text: string, encoding: string): Buffer {
  const point = (character: string) => character.codePointAt(0) ?? 0;
  switch (encoding.toLowerCase().replace(/[-_ ]/g, '')) {
    case 'utf8':
      return Buffer.from(text, 'utf8');
    case 'utf16le':
      return Buffer.from(text, 'utf16le');
    case 'latin1':
    case 'iso88591':
      return bytes(text, encoding, point);
    case 'windows1252':
    case 'cp1252':
      return bytes(text, encoding, (character) => windowsBytes.get(character) ?? point(character));
    default:
      throw new OrchError({
        code: 'task-failed',
        summary: `There is no encoding "${encoding}" here.`,
        hint: 'There are utf-8, utf-16-le, latin-1 and windows-1252.',
      });
  }
}
