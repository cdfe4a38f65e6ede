import { at, defineRule, ofTasks } from './rule.ts';

export const rule = defineRule({
  name: 'latest',
  summary: 'git without a version takes what the day brings.',
  find: ofTasks(({ mapping, module, params }) => {
    const { value } = params.get('version') ?? {};
    if (module !== 'git' || (value !== undefined && value !== 'HEAD')) return [];
    return [at(mapping, 'Name a version: a tag or a commit.', 'value', 'git')];
  }),
});
