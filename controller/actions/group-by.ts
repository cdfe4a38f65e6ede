import * as z from 'zod';
import { defineAction } from './action.ts';

const groupName = z.string().min(1, 'a group needs a name');
const dashed = (name: string) => name.replaceAll(' ', '-');

export const action = defineAction({
  name: 'group_by',
  summary: 'Put the host into a group of this run, named by what is known of it.',
  notes: 'Blanks in names become dashes. Later plays may name the group.',
  examples: ['group_by:\n  key: os_{{ ansible_distribution }}'],
  params: z.strictObject({
    key: z.union([groupName, z.int()]).describe('Name of the group.'),
    parents: z
      .union([groupName, z.array(groupName)])
      .default(['all'])
      .describe('Groups that it is a child of.'),
  }),
  local: true,
  run: async ({ key, parents }, { host, inventory }) => {
    const add_group = dashed(String(key));
    const parent_groups = [parents].flat().map(dashed);
    const changed = inventory.addToGroup(host, add_group, parent_groups);
    return { status: changed ? 'changed' : 'ok', result: { add_group, parent_groups } };
  },
});
