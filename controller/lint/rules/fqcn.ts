import { at, defineRule, ofTasks } from './rule.ts';

export const rule = defineRule({
  name: 'fqcn',
  summary: 'Modules are written with their collection: ansible.builtin.copy.',
  optional: true,
  find: ofTasks(({ mapping, written }) => {
    if (written === undefined || written.includes('.')) return [];
    const key = { ...mapping, path: [...mapping.path, written] };
    return [at(key, `"${written}" names no collection.`, 'key')];
  }),
});
