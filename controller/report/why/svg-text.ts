import { xmlText } from '../xml-text.ts';

/** One line of text; nothing for an empty one. */
export function textAt(x: number, y: number, text: string, kind: string): string {
  if (text === '') return '';
  const blanks = text.startsWith(' ') ? ' xml:space="preserve"' : '';
  return `<text x="${x}" y="${y}"${kind === '' ? '' : ` class="${kind}"`}${blanks}>${xmlText(text)}</text>`;
}
