import type { Mapping } from '../../playbook/parse/fields.ts';
import type { Located } from '../../source/located.ts';
import { at, defineRule, type Finding } from './rule.ts';

/** Lists of tasks come last, so that no keyword gets lost below them. */
const last = ['block', 'rescue', 'always'];
const lastOfPlay = ['pre_tasks', 'roles', 'tasks', 'post_tasks', 'handlers'];

export const rule = defineRule({
  name: 'key-order',
  summary: 'A name comes first, and lists of tasks come last.',
  find: ({ plays, tasks }) => [
    ...plays.flatMap((play) => ordered(play, lastOfPlay, 'play')),
    ...tasks.flatMap(({ mapping }) => ordered(mapping, last, 'task')),
  ],
});

function ordered(mapping: Located<Mapping>, lists: readonly string[], part: string): readonly Finding[] {
  const keys = Object.keys(mapping.value);
  const key = (name: string) => ({ ...mapping, path: [...mapping.path, name] });
  const found: Finding[] = [];
  if (keys.indexOf('name') > 0) found.push(at(key('name'), '"name" comes first.', 'key', part));
  const list = keys.findIndex((name) => lists.includes(name));
  const late = list < 0 ? undefined : keys.slice(list).find((name) => name !== 'name' && !lists.includes(name));
  if (late !== undefined) found.push(at(key(late), `"${late}" comes before "${keys[list]}".`, 'key', part));
  return found;
}
