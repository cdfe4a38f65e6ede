import { basename } from 'node:path';
import * as z from 'zod';
import { dest, placedFile } from '../../agent/modules/shared/files/copy-params.ts';
import { defineAction } from './action.ts';

export const action = defineAction({
  name: 'template',
  summary: 'Puts a file on the host, rendered from a template on the workstation.',
  notes:
    'The template is a file beside the one that names it, or in `templates/` there; it is Jinja2, as in the playbook. What is ' +
    'rendered goes through `copy`.',
  examples: ['template:\n  src: frr.conf.j2\n  dest: /etc/frr/frr.conf\n  mode: "0640"'],
  params: z.strictObject({
    src: z.string().min(1).describe('Template file on the workstation.'),
    dest,
    ...placedFile,
    trim_blocks: z.boolean().default(true).describe('Drop the newline after a block tag.'),
    lstrip_blocks: z.boolean().default(false).describe('Drop the blanks before a block tag that is first on its line.'),
  }),
  ahead: true,
  run: async ({ src, trim_blocks, lstrip_blocks, ...params }, context) => {
    const { path, content } = await context.readSource(src, 'templates');
    const options = { trimBlocks: trim_blocks, lstripBlocks: lstrip_blocks };
    const rendered = context.render(content.toString('utf8'), path, options);
    const text = typeof rendered === 'string' ? rendered : JSON.stringify(rendered);
    return context.agent('copy', { ...params, src: basename(path, '.j2'), content: text });
  },
});
