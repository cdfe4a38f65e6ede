import { registry } from '../../controller/lint/rules/registry.gen.ts';
import { listPage } from './list-page.ts';

/** docs/lint.md with the list of rules as the code has it. */
export function lintPage(page: string): string {
  const rules = [...registry.values()].map(({ name, summary, optional }) => ({
    name,
    summary: optional === true ? `${summary} (With \`--enable ${name}\`.)` : summary,
  }));
  return listPage(page, 'rules', rules);
}
