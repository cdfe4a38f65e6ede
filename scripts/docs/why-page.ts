import { registry } from '../../controller/reach/why/causes/registry.gen.ts';

const start = '<!-- causes: made by npm run docs -->';
const end = '<!-- end -->';

/** docs/why.md with the list of causes as the code has it. */
export function whyPage(page: string): string {
  const list = [...registry.values()].map(({ name, summary }) => `- \`${name}\`: ${summary}`);
  const [head = ''] = page.split(start);
  const tail = page.slice(page.indexOf(end));
  return `${head}${start}\n\n${list.join('\n')}\n\n${tail}`;
}
