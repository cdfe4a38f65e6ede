import { filled } from './filled.ts';

/** A page with what code lists by names, between the marks called so. */
export function listPage(
  page: string,
  mark: string,
  entries: Iterable<{ readonly name: string; readonly summary: string }>,
): string {
  const list = [...entries].map(({ name, summary }) => `- \`${name}\`: ${summary}`);
  return filled(page, mark, list.join('\n'));
}
