import { at, defineRule, ofTasks } from './rule.ts';

export const rule = defineRule({
  name: 'no-relative-paths',
  summary: 'Files of copy and template are looked for in files/ and templates/: no ../ leads there.',
  find: ofTasks(({ module, params }) => {
    const src = params.get('src');
    if ((module !== 'copy' && module !== 'template') || params.has('remote_src')) return [];
    if (typeof src?.value !== 'string' || !/^\.\.\//.test(src.value)) return [];
    return [at(src, 'Name the file alone: its folder is looked for.')];
  }),
});
