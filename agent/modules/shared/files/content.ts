import { createHash } from 'node:crypto';

/** Larger texts are told by their size in a diff. */
const shownBytes = 256 * 1024;

export function sha1(content: Uint8Array): string {
  return createHash('sha1').update(content).digest('hex');
}

export function md5(content: Uint8Array): string {
  return createHash('md5').update(content).digest('hex');
}

function isText(content: Uint8Array): boolean {
  if (content.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(content);
    return true;
  } catch {
    return false;
  }
}

/** A file's content for a diff: its text, or what it is. */
export function shown(content: Uint8Array): string {
  if (content.length <= shownBytes && isText(content)) return new TextDecoder().decode(content);
  return `(${isText(content) ? 'text' : 'binary'}, ${content.length} bytes, sha1 ${sha1(content)})`;
}
