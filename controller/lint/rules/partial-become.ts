import { child } from '../../source/origins.ts';
import { at, defineRule, type Finding } from './rule.ts';

export const rule = defineRule({
  name: 'partial-become',
  summary: 'become_user stands without become beside it.',
  find: ({ plays, tasks }) =>
    [...plays.map((play) => ({ mapping: play })), ...tasks].flatMap(({ mapping }): readonly Finding[] => {
      const user = child(mapping, 'become_user');
      if (!user || Object.hasOwn(mapping.value, 'become')) return [];
      return [at(user, 'Whether anybody is become is said elsewhere: write `become` beside it.', 'key')];
    }),
});
