import { isDataMapping } from '../../template/python/atom.ts';
import type { TaskResult } from './outcome.ts';

/** Where something goes, and when. */
function endOf({ collection_name: collection, date, version }: Readonly<Record<string, unknown>>): string {
  const from =
    collection === 'ansible.builtin'
      ? ' from ansible-core'
      : typeof collection === 'string'
        ? ` from collection '${collection}'`
        : '';
  if (typeof date === 'string') return `${from} in a release after ${date}`;
  if (typeof version === 'string') return `${from}${from === '' ? ' in' : ''} version ${version}`;
  return `${from} in a future release`;
}

/** What modules say in their results of things that will go, in Ansible's words. */
export function deprecationsIn(results: readonly TaskResult[]): readonly string[] {
  const told: readonly unknown[] = results.flatMap(({ deprecations }) => deprecations);
  return told.flatMap((one) =>
    isDataMapping(one) && typeof one.msg === 'string' ? `${one.msg}. This feature will be removed${endOf(one)}.` : [],
  );
}
