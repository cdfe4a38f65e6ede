import * as z from 'zod';
import type { FileState } from '../linux/host.ts';
import { defineModule } from './module.ts';
import { presence } from './shared/fields.ts';
import {
  createField,
  type Edited,
  editAliases,
  editFields,
  editObjects,
  editPlan,
  readEdited,
} from './shared/files/edit.ts';
import { withIni } from './shared/files/ini-edit.ts';
import { tidy } from './shared/files/path.ts';

const line = z.string().regex(/^[^\n\0]*$/, 'holds a newline');

const fields = z.strictObject({
  ...editFields,
  create: createField.default(true),
  state: presence.describe('absent: the option goes, or with no option the whole section.'),
  section: line.optional().describe('The section; default: what stands before the first one.'),
  section_has_values: z
    .array(z.strictObject({ option: line, value: line.optional(), values: z.array(line).optional() }))
    .optional()
    .describe('Of several sections of the name it is the first that has these options and values.'),
  option: line.optional().describe('The option; without one it is about the section itself.'),
  value: z.union([line, z.number(), z.boolean()]).optional().describe('Its value.'),
  values: z.array(line).optional().describe('Its values, where it may stand several times.'),
  exclusive: z.boolean().default(true).describe('Other lines of the option go.'),
  no_extra_spaces: z.boolean().default(false).describe('No blanks around "=".'),
  option_prefix_spaces: z.int().min(0).default(0).describe('Blanks before the option.'),
  allow_no_value: z.boolean().default(false).describe('The option may stand alone.'),
  ignore_spaces: z.boolean().default(false).describe('Blanks alone are no difference.'),
  follow: z.boolean().default(false).describe('A symbolic link at the path stays one; else a file takes its place.'),
  modify_inactive_option: z.boolean().default(true).describe('Take the place of the option where it is commented out.'),
});
type Params = z.infer<typeof fields>;

interface Current extends Edited {
  /** What is at the path itself, where that is a symbolic link which is not to stay. */
  readonly link: { readonly path: string; readonly state: FileState } | undefined;
}

const noValue = "Parameter 'value(s)' must be defined if state=present and allow_no_value=False.";

function valuesOf({ value, values }: Pick<Params, 'value' | 'values'>): readonly string[] {
  if (values !== undefined) return [...new Set(values)];
  return value === undefined ? [] : [typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value)];
}

export const module = defineModule({
  name: 'ini_file',
  asUser: true,
  form: 'converge',
  tellsFile: true,
  summary: 'Keeps an option in a file of sections and options.',
  notes: 'As community.general.ini_file. `orch destroy` brings back the old content up to 1 MiB.',
  examples: ['ini_file:\n  path: /etc/systemd/resolved.conf\n  section: Resolve\n  option: DNS\n  value: 172.16.91.2'],
  aliases: { dest: editAliases.dest, attr: editAliases.attr },
  params: fields.superRefine((params, context) => {
    const { state, option, value, values, allow_no_value } = params;
    if (value !== undefined && values !== undefined)
      context.addIssue({ code: 'custom', path: ['values'], message: 'say value or values, not both' });
    const given = valuesOf(params).length > 0 || allow_no_value;
    if (state === 'present' && option !== undefined && !given)
      context.addIssue({ code: 'custom', path: ['value'], message: noValue });
  }),
  objects: (params, { link, ...edited }: Current) => [
    ...editObjects(edited, params.create),
    ...(link === undefined ? [] : [`file ${link.path}`]),
  ],
  // What the task sets may be what the section is known by.
  repeats: ({ section_has_values = [] }) => section_has_values.length > 0,
  async read(params, host): Promise<Current> {
    const edited = await readEdited(params, host, (path) => `Destination ${path} does not exist!`);
    const path = tidy(params.path);
    const state = params.follow ? undefined : await host.stat(path);
    return { ...edited, link: state?.kind === 'symlink' ? { path, state } : undefined };
  },
  plan(params, { link, ...edited }) {
    // An empty file counts as one empty line, as in Ansible.
    const found = edited.text === '' ? '\n' : edited.text.replace(/^\uFEFF/, '');
    const required = (params.section_has_values ?? []).map((one) => ({ option: one.option, values: valuesOf(one) }));
    const section = params.section === '' ? undefined : params.section;
    const edit = withIni(found, { ...params, section, values: valuesOf(params), required });
    const { msg } = edit;
    const text = edit.text === found ? edited.text : edit.text;
    if (edited.content === undefined && text === '') {
      return { steps: [], before: {}, after: {}, result: { msg: 'OK', path: params.path } };
    }
    const replaced = link !== undefined && text !== edited.text;
    const plan = replaced
      ? editPlan({ ...params, mode: params.mode ?? edited.state?.mode }, { ...edited, ...link }, text, msg)
      : editPlan(params, edited, text, msg);
    return { ...plan, result: { ...plan.result, msg, path: params.path } };
  },
});
