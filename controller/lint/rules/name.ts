import { isTemplate } from '../../playbook/values/template-check.ts';
import { child } from '../../source/origins.ts';
import { at, defineRule, type Finding } from './rule.ts';

/** A template in a name stands at its end, so that the name can be searched for. */
const templateAtEnd = /^[^{]*\{\{[^{}]*\}\}$/;

export const rule = defineRule({
  name: 'name',
  summary: 'Plays and tasks have names that start with a capital letter and have templates at their end only.',
  find: ({ plays, tasks }) => [
    ...plays.flatMap((play): readonly Finding[] => {
      const name = child(play, 'name');
      return name ? aboutName(name) : [at(play, 'This play has no name.', 'value', 'play')];
    }),
    ...tasks.flatMap(({ mapping, written }): readonly Finding[] => {
      const name = child(mapping, 'name');
      if (name) return aboutName(name);
      // A block is a bracket around tasks that have names of their own.
      return written === undefined ? [] : [at(mapping, 'This task has no name.', 'value', 'missing')];
    }),
  ],
});

function aboutName(name: NonNullable<ReturnType<typeof child>>): readonly Finding[] {
  const { value } = name;
  if (typeof value !== 'string') return [];
  const found: Finding[] = [];
  if (/^\p{Ll}/u.test(value)) found.push(at(name, 'A name starts with a capital letter.', 'value', 'casing'));
  if (isTemplate(value) && !templateAtEnd.test(value)) {
    found.push(at(name, 'A template in a name stands at its end.', 'value', 'template'));
  }
  return found;
}
