import * as z from 'zod';
import { defineModule } from './module.ts';
import { inNetns, linkName } from './shared/fields.ts';
import { attributeNeeds, type Values } from './shared/link/attribute.ts';
import { bondSlave } from './shared/link/bond-slave.ts';
import { attributeFields } from './shared/link/params.ts';
import { freshSlave, planSlave, readSlave, type SlaveParams, slaveValues } from './shared/link/slave.ts';
import { placed } from './shared/place.ts';

const fields = z.strictObject({
  name: linkName.describe('The link that is a slave.'),
  netns: inNetns,
  ...attributeFields(bondSlave.attributes),
});

export const module = defineModule({
  name: 'bond_slave',
  form: 'converge',
  summary: "Sets up a link as a bond's slave: its priority, and its queue.",
  notes: 'A link becomes a slave by its `master`.',
  examples: ['bond_slave:\n  name: eth0\n  prio: 10', 'bond_slave:\n  name: eth1\n  queue_id: 2'],
  params: fields as unknown as z.ZodType<SlaveParams>,

  objects: ({ name, netns }) => [`link ${placed(netns, name)}`],
  makes: ({ name, netns }) => [{ kind: 'link', netns, name }],

  needs: (params) => attributeNeeds(bondSlave.attributes, params),

  async read(params, host): Promise<Values> {
    const row = await readSlave(bondSlave, params, host);
    return row === undefined ? freshSlave(bondSlave) : slaveValues(bondSlave, row);
  },

  plan: (params, present) => planSlave(bondSlave, params, present),
});
