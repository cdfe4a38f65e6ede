/** A page with `text` between its marks `<!-- MARK: made by npm run docs -->` and the next `<!-- end -->`. */
export function filled(page: string, mark: string, text: string): string {
  const start = `<!-- ${mark}: made by npm run docs -->`;
  const [head = ''] = page.split(start);
  return `${head}${start}\n\n${text}\n\n${page.slice(page.indexOf('<!-- end -->', head.length))}`;
}
