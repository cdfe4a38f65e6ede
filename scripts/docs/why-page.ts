import { registry } from '../../controller/reach/why/causes/registry.gen.ts';
import { listPage } from './list-page.ts';

/** docs/why.md with the list of causes as the code has it. */
export function whyPage(page: string): string {
  return listPage(page, 'causes', registry.values());
}
