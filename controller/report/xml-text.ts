import { cleanLine } from './clean.ts';

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
