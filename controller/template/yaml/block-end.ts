import type { Scalar } from 'yaml';

/** Text of a scalar of YAML: Python has no newline at the end of a block that the end of the whole text cuts off. */
export function cutBlock({ type, range }: Pick<Scalar, 'type' | 'range'>, text: string, whole: string): string {
  const isCut = !whole.endsWith('\n') && type?.startsWith('BLOCK') && (range?.[1] ?? 0) >= whole.length;
  return isCut ? text.replace(/\n$/, '') : text;
}
