import { cleanLine } from '../clean.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text for between tags and in attributes; what XML 1.0 can't hold is shown as U+FFFD. */
export function xmlText(text: string): string {
  const held = cleanLine(text).replace(/[\ud800-\udfff\ufffe\uffff]/gu, '\ufffd');
  return held.replace(/[&<>"']/g, (char) => entities[char] ?? char);
}

/** One line of text; nothing for an empty one. */
export function textAt(x: number, y: number, text: string, kind: string): string {
  if (text === '') return '';
  const blanks = text.startsWith(' ') ? ' xml:space="preserve"' : '';
  return `<text x="${x}" y="${y}"${kind === '' ? '' : ` class="${kind}"`}${blanks}>${xmlText(text)}</text>`;
}
