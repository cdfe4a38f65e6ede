import * as z from 'zod';
import { findFirst } from '../../proto/regex.ts';
import { defineModule } from './module.ts';
import { presence, twoPlaces } from './shared/fields.ts';
import {
  asTaskFailure,
  createField,
  type Edited,
  editAliases,
  editFields,
  editObjects,
  editPlan,
  ended,
  linesOf,
  readEdited,
  regexField,
} from './shared/files/edit.ts';

const fields = z.strictObject({
  ...editFields,
  create: createField,
  state: presence.describe('absent, or an empty block: what stands between the markers goes, and they too.'),
  block: z.string().default('').describe('The lines between the markers.'),
  marker: z
    .string()
    .default('# {mark} ANSIBLE MANAGED BLOCK')
    .describe('The lines around the block; {mark} is filled in.'),
  marker_begin: z.string().default('BEGIN').describe('{mark} of the first line.'),
  marker_end: z.string().default('END').describe('{mark} of the last line.'),
  insertafter: regexField.optional().describe('Where a new block goes: behind the last line that matches, or EOF.'),
  insertbefore: regexField.optional().describe('Where a new block goes: before the last line that matches, or BOF.'),
  append_newline: z.boolean().default(false).describe('An empty line behind the block, unless it is the last.'),
  prepend_newline: z.boolean().default(false).describe('An empty line before the block, unless it is the first.'),
});
type Params = z.infer<typeof fields>;

/** The lines without the block, and where it stood or is to stand. */
function cut(lines: readonly string[], [begin, end]: readonly [string, string], params: Params) {
  const first = lines.lastIndexOf(begin);
  const last = lines.lastIndexOf(end);
  if (first < 0 || last < 0) return { rest: [...lines], at: place(lines, params) };
  const at = Math.min(first, last);
  return { rest: [...lines.slice(0, at), ...lines.slice(Math.max(first, last) + 1)], at };
}

/** How many lines stand before a new block. */
function place(lines: readonly string[], { insertafter, insertbefore }: Params): number {
  const pattern = insertafter ?? insertbefore;
  if (insertbefore === 'BOF') return 0;
  if (pattern === undefined || insertafter === 'EOF') return lines.length;
  const text = lines.join('');
  // A pattern over several lines is looked for in the whole text, as Ansible does for (?m).
  if (/^\(\?[a-z]*m/.test(pattern)) {
    const match = findFirst(pattern, text, { ignoreCase: false, multiline: true }, 'search');
    if (match === undefined) return lines.length;
    const upTo = insertafter === undefined ? match.index : match.index + match.text.length;
    return text.slice(0, upTo).split('\n').length - (insertafter === undefined ? 1 : 0);
  }
  const at = lines.findLastIndex(
    (line) => findFirst(pattern, line, { ignoreCase: false, multiline: false }, 'search') !== undefined,
  );
  if (at < 0) return lines.length;
  return insertafter === undefined ? at : at + 1;
}

/** The text with its block as it is wanted. */
function withBlock(text: string, params: Params): string {
  const present = params.state === 'present';
  const marker = (mark: string) => `${params.marker.replaceAll('{mark}', mark)}\n`;
  const markers = [marker(params.marker_begin), marker(params.marker_end)] as const;
  const block = present && params.block !== '' ? [markers[0], ended(params.block), markers[1]] : [];
  const { rest, at } = cut(linesOf(text), markers, params);
  const before = rest.slice(0, at).map((line, nth) => (nth === at - 1 ? ended(line) : line));
  const after = rest.slice(at);
  const blankBefore = present && params.prepend_newline && before.length > 0 && before.at(-1) !== '\n' ? ['\n'] : [];
  const blankAfter = present && params.append_newline && after.length > 0 && after[0] !== '\n' ? ['\n'] : [];
  return [...before, ...blankBefore, ...block, ...blankAfter, ...after].join('');
}

export const module = defineModule({
  name: 'blockinfile',
  asUser: true,
  form: 'converge',
  summary: 'Keeps a block of lines between two markers in a text file.',
  notes:
    'Several blocks in one file need markers of their own. `orch destroy` brings back the old content up to 1 MiB.',
  examples: [
    'blockinfile:\n  path: /etc/hosts\n  block: |\n    172.16.91.10 vm01\n    172.16.91.14 vm02',
    'blockinfile:\n  path: /etc/hosts\n  marker: "# {mark} LAB"\n  state: absent',
  ],
  aliases: { ...editAliases, content: 'block' },
  params: fields.superRefine((params, context) => {
    if (params.insertafter === undefined || params.insertbefore === undefined) return;
    context.addIssue({ code: 'custom', path: ['insertbefore'], message: twoPlaces });
  }),
  objects: (params, edited: Edited) => editObjects(edited, params.create),
  // Lines that are alike on both sides are found as one, and the block is put there once more.
  // Markers that no line can be are never found again.
  repeats: ({ marker, marker_begin, marker_end }) =>
    !marker.includes('{mark}') || marker_begin === marker_end || `${marker}${marker_begin}${marker_end}`.includes('\n'),
  read: (params, host) => readEdited(params, host),

  plan(params, edited) {
    if (edited.content === undefined && params.state === 'absent') {
      return { steps: [], before: {}, after: {}, result: { msg: `File ${params.path} not present` } };
    }
    const text = asTaskFailure(() => withBlock(edited.text, params));
    const removed = params.state === 'absent' || params.block === '';
    const msg = edited.content === undefined ? 'File created' : removed ? 'Block removed' : 'Block inserted';
    return editPlan(params, edited, text, msg);
  },
});
