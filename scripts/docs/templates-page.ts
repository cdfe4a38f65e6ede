import { words } from '../../controller/doc/words.ts';
import { listPage } from './list-page.ts';

/** docs/templates.md with the lists of lookups, filters and tests as the code has them. */
export function templatesPage(page: string): string {
  const list = (wanted: string) =>
    words()
      .filter(({ kind }) => kind === wanted)
      .map(({ kind, name, form, summary }) => ({
        name: kind === 'lookup' ? name : form.replace(/^value (?:\| |is )/, ''),
        summary,
      }));
  return ['lookup', 'filter', 'test'].reduce((text, kind) => listPage(text, `${kind}s`, list(kind)), page);
}
