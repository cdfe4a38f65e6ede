import * as z from 'zod';
import { defineModule, type Plan } from './module.ts';
import { noneOf, presence, twoPlaces } from './shared/fields.ts';
import {
  createField,
  type Edited,
  editAliases,
  editFields,
  editObjects,
  editPlan,
  readEdited,
  regexField,
} from './shared/files/edit.ts';
import { type LineEdit, withLine, withoutLines } from './shared/files/line-edit.ts';

const fields = z.strictObject({
  ...editFields,
  create: createField,
  state: presence.describe('present: the line is there once; absent: no line like it is.'),
  line: z.string().optional().describe('The line; with backrefs, \\1 and \\g<name> stand for groups of `regexp`.'),
  regexp: regexField.optional().describe("Line to replace, or lines to remove; Python's regular expressions."),
  search_string: z.string().optional().describe('The same by a text that the line contains.'),
  backrefs: z.boolean().default(false).describe('Fill groups of `regexp` in; nothing is done where no line matches.'),
  insertafter: regexField.optional().describe('Where a new line goes: behind the last line that matches, or EOF.'),
  insertbefore: regexField.optional().describe('Where a new line goes: before the last line that matches, or BOF.'),
  firstmatch: z.boolean().default(false).describe('Take the first line that matches, not the last.'),
});
type Params = z.infer<typeof fields>;

function contradictions(params: Params): [keyof Params, string][] {
  const { state, line, regexp, search_string, backrefs, insertafter, insertbefore } = params;
  const found: [keyof Params, string][] = [];
  if (regexp !== undefined && search_string !== undefined)
    found.push(['search_string', 'say regexp or search_string, not both']);
  if (insertafter !== undefined && insertbefore !== undefined) found.push(['insertbefore', twoPlaces]);
  if (state === 'present' && line === undefined) found.push(['line', 'line is required with state=present']);
  if (state === 'present' && backrefs && regexp === undefined)
    found.push(['regexp', 'regexp is required with backrefs=true']);
  if (state === 'absent' && line === undefined && regexp === undefined && search_string === undefined)
    found.push(['line', 'one of line, search_string, or regexp is required with state=absent']);
  return found;
}

/** The copy of the old file under Ansible's name for it here, empty where there is none. */
function withBackup(plan: Plan): Plan {
  const { backup_file: backup = '', ...result } = plan.result ?? {};
  return { ...plan, result: { ...result, backup } };
}

export const module = defineModule({
  name: 'lineinfile',
  asUser: true,
  form: 'converge',
  summary: 'Keeps one line in a text file, or removes lines.',
  notes: 'Without regexp it looks for the line itself. `orch destroy` brings back the old content up to 1 MiB.',
  examples: [
    'lineinfile:\n  path: /etc/hosts\n  line: 172.16.91.14 vm02',
    'lineinfile:\n  path: /etc/ssh/sshd_config\n  regexp: ^#?PermitRootLogin\n  line: PermitRootLogin no\n  validate: sshd -t -f %s',
  ],
  aliases: { ...editAliases, regex: 'regexp', value: 'line' },
  params: fields.superRefine(noneOf(contradictions)),
  objects: (params, edited: Edited) => editObjects(edited, params.create),
  // Behind the match that is replaced another one may stand.
  repeats: ({ state, regexp, search_string }) =>
    state === 'present' && (regexp !== undefined || search_string !== undefined),
  read: (params, host) =>
    readEdited(
      { ...params, create: params.create || params.state === 'absent' },
      host,
      (path) => `Destination ${path} does not exist !`,
    ),

  plan(params, edited) {
    const edit: LineEdit = { ...params, line: params.line ?? '' };
    if (params.state === 'present') {
      const { text, msg } = withLine(edited.text, edit);
      return withBackup(editPlan(params, edited, text, msg));
    }
    if (edited.content === undefined) return { steps: [], before: {}, after: {}, result: { msg: 'file not present' } };
    const { text, found } = withoutLines(edited.text, edit);
    const plan = withBackup(editPlan(params, edited, text, found === 0 ? '' : `${found} line(s) removed`));
    return { ...plan, result: { ...plan.result, found } };
  },
});
