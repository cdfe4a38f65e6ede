import type { FilePlace } from '../../proto/errors.ts';
import { width } from './width.ts';

/** Milliseconds as people say them: "85 ms", "1.24 s", "2 min 03 s". */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')} min`;
}

/** "1 host", "2 hosts". */
export function count(n: number, one: string): string {
  return `${n} ${one}${n === 1 ? '' : 's'}`;
}

/** file:line:column. */
export function placeText(at: FilePlace): string {
  return `${at.file}:${at.line}:${at.column}`;
}

/** Names in a line: all of them while they are few, else the first ones and how many more. */
export function nameList(names: readonly string[], most = 8): string {
  if (names.length <= most) return names.join(', ');
  return `${names.slice(0, most - 1).join(', ')} and ${names.length - most + 1} more`;
}

/** A heading filled up with asterisks to 80 columns, as Ansible's. */
export function banner(text: string): string {
  return `${text} ${'*'.repeat(Math.max(3, 79 - width(text)))}`;
}
