import * as z from 'zod';
import { expand, findAll, findFirst } from '../../proto/regex.ts';
import { defineModule } from './module.ts';
import {
  asTaskFailure,
  type Edited,
  editAliases,
  editFields,
  editObjects,
  editPlan,
  readEdited,
  regexField,
} from './shared/files/edit.ts';

const fields = z.strictObject({
  ...editFields,
  regexp: regexField.describe("What is replaced, wherever it is; Python's regular expressions, ^ and $ at each line."),
  replace: z.string().default('').describe('What takes its place; \\1 and \\g<name> stand for groups.'),
  after: z.string().optional().describe('Only behind the first match of this pattern.'),
  before: z.string().optional().describe('Only before the first match of this pattern.'),
  encoding: z
    .string()
    .default('utf-8')
    .describe("How the file is read and written, by Python's name for it: utf-8, latin-1, cp1252, ..."),
});
type Params = z.infer<typeof fields>;

/** Begin and end of the part that is looked at; a message as Ansible has it where the patterns around it don't match. */
function section(text: string, params: Params): readonly [number, number] | string {
  const [after, before] = [params.after, params.before].map((pattern) => pattern || undefined);
  if (after === undefined && before === undefined) return [0, text.length];
  const inner = after === undefined || before === undefined ? '.*' : '.*?';
  // Flags that begin `after` are those of the whole pattern.
  const [, flags = '', start = ''] = /^(?:\(\?([aiLmsux]+)\))?(.*)$/s.exec(after ?? '') ?? [];
  const pattern = `(?s${flags})(?P<before>${start})(?P<section>${inner})${before ?? ''}`;
  const match = findFirst(pattern, text, { ignoreCase: false, multiline: false }, 'search');
  if (match === undefined) {
    const told = `${after ?? ''}(?P<subsection>${inner})${before ?? ''}`;
    return `Pattern for before/after params did not match the given file: ${told}`;
  }
  const from = match.index + (match.named.before?.length ?? 0);
  return [from, from + (match.named.section?.length ?? 0)];
}

/** The text with all matches replaced, and what is to be said of it. */
function replaced(text: string, params: Params, part: readonly [number, number]): { text: string; msg: string } {
  const inside = text.slice(...part);
  const matches = findAll(params.regexp, inside, { ignoreCase: false, multiline: true });
  let result = '';
  let from = 0;
  for (const match of matches) {
    result += inside.slice(from, match.index) + expand(params.replace, match);
    from = match.index + match.text.length;
  }
  result += inside.slice(from);
  const msg = result === inside ? '' : `${matches.length} replacements made`;
  return { text: text.slice(0, part[0]) + result + text.slice(part[1]), msg };
}

export const module = defineModule({
  name: 'replace',
  asUser: true,
  form: 'converge',
  summary: 'Replaces all that matches a pattern in a text file.',
  notes:
    'A pattern that also matches what it was replaced by finds work in each run. `orch destroy` brings back the old content up to 1 MiB.',
  examples: ['replace:\n  path: /etc/hosts\n  regexp: (\\s+)old\\.lab(\\s+.*)?$\n  replace: \\1new.lab\\2'],
  aliases: editAliases,
  params: fields,
  objects: (_params, edited: Edited) => editObjects(edited, false),
  repeats: () => true,
  read: (params, host) => readEdited(params, host),
  plan(params, edited) {
    const before = 'Unable to process replace due to error: ';
    const part = asTaskFailure(() => section(edited.text, params), before);
    // Not even the mode is looked at then, as in Ansible.
    if (typeof part === 'string') return { steps: [], before: {}, after: {}, result: { rc: 0, msg: part } };
    const { text, msg } = asTaskFailure(() => replaced(edited.text, params, part), before);
    const plan = editPlan(params, edited, text, msg);
    return { ...plan, inParts: false, result: { rc: 0, ...plan.result, ...(plan.steps.length === 0 ? { msg } : {}) } };
  },
});
