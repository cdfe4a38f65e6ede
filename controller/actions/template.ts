import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import * as z from 'zod';
import { copiedFile, dest } from '../../agent/modules/shared/files/copy-params.ts';
import { ownerAliases } from '../../agent/modules/shared/files/owner.ts';
import { EncodingProblem, encode } from '../../proto/encoding.ts';
import { OrchError } from '../../proto/errors.ts';
import { printedText } from '../template/python/text.ts';
import { defineAction } from './action.ts';
import { comparedWith, copied } from './copy.ts';

const mark = (usual: string, text: string) => z.string().min(1).default(usual).describe(text);

function encoded(text: string, encoding: string): Buffer {
  try {
    return encode(text, encoding);
  } catch (error) {
    if (error instanceof EncodingProblem) throw new OrchError({ code: 'task-failed', summary: error.message });
    throw error;
  }
}

export const action = defineAction({
  name: 'template',
  summary: 'Puts a file on the host, rendered from a template on the workstation.',
  notes:
    'The template is a file beside the one that names it, or in `templates/` there; it is Jinja2, as in the playbook. What is ' +
    'rendered goes through `copy`.',
  examples: ['template:\n  src: frr.conf.j2\n  dest: /etc/frr/frr.conf\n  mode: "0640"'],
  aliases: ownerAliases,
  params: z.strictObject({
    src: z.string().min(1).describe('Template file on the workstation.'),
    dest,
    ...copiedFile,
    trim_blocks: z.boolean().default(true).describe('Drop the newline after a block tag.'),
    lstrip_blocks: z.boolean().default(false).describe('Drop the blanks before a block tag that is first on its line.'),
    block_start_string: mark('{%', 'What begins a block tag.'),
    block_end_string: mark('%}', 'What ends a block tag.'),
    variable_start_string: mark('{{', 'What begins a value.'),
    variable_end_string: mark('}}', 'What ends a value.'),
    comment_start_string: mark('{#', 'What begins a comment.'),
    comment_end_string: mark('#}', 'What ends a comment.'),
    output_encoding: z
      .string()
      .default('utf-8')
      .describe("How the file is written, by Python's name for it: `utf-8`, `utf-16-le`, `latin-1`, `cp1252`, ..."),
    newline_sequence: z
      .enum(['\n', '\r\n', '\r', '\\n', '\\r\\n', '\\r'])
      .default('\n')
      .describe('What each newline of the template becomes.'),
  }),
  ahead: true,
  run: async ({ src, trim_blocks, lstrip_blocks, ...given }, context) => {
    const { block_start_string, block_end_string, variable_start_string, variable_end_string, ...others } = given;
    const { comment_start_string, comment_end_string, newline_sequence, output_encoding, ...params } = others;
    const { path, content } = await context.readSource(src, 'templates');
    const rendered = context.render(
      { text: content.toString('utf8'), file: path, written: src, dest: params.dest },
      {
        trimBlocks: trim_blocks,
        lstripBlocks: lstrip_blocks,
        block: [block_start_string, block_end_string],
        variable: [variable_start_string, variable_end_string],
        comment: [comment_start_string, comment_end_string],
        newline: newline_sequence.replace('\\r', '\r').replace('\\n', '\n'),
      },
    );
    const mode = params.mode === 'preserve' ? (await stat(path)).mode & 0o7777 : params.mode;
    const text = printedText(rendered);
    const encoding = output_encoding || 'utf-8';
    const written = encoding === 'utf-8' ? text : encoded(text, encoding);
    return comparedWith(path, copied({ ...params, mode, src: basename(path) }, written, context));
  },
});
