/** A page with the list between `<!-- NAME: made by npm run docs -->` and `<!-- end -->` as the code has it. */
export function listPage(
  page: string,
  name: string,
  entries: Iterable<{ readonly name: string; readonly summary: string }>,
): string {
  const start = `<!-- ${name}: made by npm run docs -->`;
  const list = [...entries].map((entry) => `- \`${entry.name}\`: ${entry.summary}`);
  const [head = ''] = page.split(start);
  const tail = page.slice(page.indexOf('<!-- end -->', head.length));
  return `${head}${start}\n\n${list.join('\n')}\n\n${tail}`;
}
