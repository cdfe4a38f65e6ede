import * as z from 'zod';
import { defineModule } from './module.ts';
import { presence } from './shared/fields.ts';
import { type Edited, editAliases, editFields, editObjects, editPlan, readEdited } from './shared/files/edit.ts';
import { interfacesIn, withInterfaceOption } from './shared/files/interfaces-edit.ts';
import { taskFailed } from './shared/programs.ts';

const word = z.string().regex(/^[^\s\0]+$/, 'is not one word');
const { validate: _, ...editing } = editFields;

const fields = z.strictObject({
  ...editing,
  path: editing.path.default('/etc/network/interfaces'),
  iface: word.optional().describe('The interface; without an option the task only tells what the file says.'),
  address_family: word.optional().describe('inet or inet6, where the interface has both.'),
  option: word.optional().describe('The option; method is that of the interface itself.'),
  value: z
    .union([z.string().regex(/^[^\n\0]*$/, 'holds a newline'), z.number()])
    .optional()
    .describe('Its value; of pre-up, up, down and post-up there may be several, and this is one of them.'),
  state: presence.describe('Whether the option is there.'),
});
type Params = z.infer<typeof fields>;

function edited(params: Params, text: string): string {
  const { iface, option, value, state, address_family: family } = params;
  if (iface === undefined || option === undefined) return text;
  const wanted = { iface, family, option, value: value === undefined ? undefined : String(value), state };
  const result = withInterfaceOption(text, wanted);
  if (result === undefined) throw taskFailed(`Error: interface ${iface} not found`);
  return result;
}

export const module = defineModule({
  name: 'interfaces_file',
  asUser: true,
  form: 'converge',
  tellsFile: true,
  summary: 'Keeps an option of an interface in a file of interfaces(5).',
  notes:
    'As community.general.interfaces_file. It changes the file alone, not the network. `orch destroy` brings back the old content up to 1 MiB.',
  examples: [
    'interfaces_file:\n  iface: ens34\n  option: mtu\n  value: 8000',
    'interfaces_file:\n  iface: ens34\n  option: up\n  value: ip route add 10.9.0.0/16 via 10.0.0.1\n  state: absent',
  ],
  aliases: { dest: editAliases.dest, attr: editAliases.attr },
  params: fields.superRefine(({ iface, option, value, state }, context) => {
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (option !== undefined && iface === undefined) issue('iface', "missing parameter(s) required by 'option': iface");
    if (option !== undefined && value === undefined && state === 'present')
      issue('value', "Value must be set if option is defined and state is 'present'");
  }),
  objects: (params) => editObjects(params, false),
  read: (params, host): Promise<Edited> => readEdited(params, host, (path) => `Destination ${path} does not exist !`),
  plan(params, found) {
    const text = edited(params, found.text);
    const plan = editPlan(params, found, text, '');
    const { msg: _, ...result } = plan.result ?? {};
    return { ...plan, result: { ...result, dest: params.path, ifaces: interfacesIn(text) } };
  },
});
