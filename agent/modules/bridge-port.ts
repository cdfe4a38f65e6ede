import * as z from 'zod';
import { defineModule } from './module.ts';
import { bridgeNeeds } from './shared/bridge/needs.ts';
import { bridgePort, portAttributes, portState, portStates, setPortState } from './shared/bridge/port.ts';
import { vlanSteps, vlansView } from './shared/bridge/vlan-steps.ts';
import { readVlans, type Vlans, vlansField, wantedVlans } from './shared/bridge/vlans.ts';
import { inNetns, linkName } from './shared/fields.ts';
import { attributeNeeds, type Values } from './shared/link/attribute.ts';
import { attributeFields } from './shared/link/params.ts';
import { freshSlave, planSlave, readSlave, type SlaveParams, slaveValues } from './shared/link/slave.ts';
import { placed } from './shared/place.ts';

interface Params extends SlaveParams {
  readonly state?: (typeof portStates)[number] | undefined;
  readonly vlans?: Parameters<typeof wantedVlans>[0] | undefined;
}

interface Current {
  readonly values: Values;
  readonly state: Params['state'];
  readonly vlans: Vlans;
}

const fields = z.strictObject({
  name: linkName.describe('The link that is a port.'),
  netns: inNetns,
  ...attributeFields(portAttributes),
  state: z
    .enum(portStates)
    .optional()
    .describe(
      'In the spanning tree. The kernel sets it by itself when the link goes up or down, and while the bridge speaks STP.',
    ),
  vlans: vlansField.optional().describe('Its VLANs, all of them; others are taken away.'),
});

/** Of a new port, where its bridge is one that nobody gave another `vlan_default_pvid`. */
const freshVlans: Vlans = new Map([[1, 'pvid untagged']]);

export const module = defineModule({
  name: 'bridge_port',
  form: 'converge',
  summary: "Sets up a link as a bridge's port: its flags, and its VLANs.",
  notes: 'A link becomes a port by its `master`. VLANs count where the bridge has `vlan_filtering`.',
  examples: [
    'bridge_port:\n  name: veth0\n  vlans: [{id: 10, pvid: true, untagged: true}]',
    'bridge_port:\n  name: eth1\n  vlans: [{id: 10}, {id: 20-29}]\n  isolated: true\n  learning: false',
  ],
  params: fields as unknown as z.ZodType<Params>,

  objects: ({ name, netns }) => [`link ${placed(netns, name)}`],
  makes: ({ name, netns }) => [{ kind: 'link', netns, name }],

  needs: (params) => [...attributeNeeds(portAttributes, params), ...bridgeNeeds(params)],

  async read(params, host): Promise<Current> {
    const { name, netns } = params;
    const row = await readSlave(bridgePort, params, host);
    if (row === undefined) return { values: freshSlave(bridgePort), state: undefined, vlans: freshVlans };
    const vlans = params.vlans === undefined ? new Map() : await readVlans(host, netns, name);
    return { values: slaveValues(bridgePort, row), state: portState(row), vlans };
  },

  plan(params, current) {
    const { name, netns, state } = params;
    const object = `link ${placed(netns, name)}`;
    const { steps, before, after, kept } = planSlave(bridgePort, params, current.values);
    const states = (value: string | undefined) => (state === undefined ? {} : { state: value });
    const views = { before: { ...before, ...states(current.state) }, after: { ...after, ...states(state) } };
    if (state !== undefined && state !== current.state) {
      const undo = current.state === undefined ? [] : [setPortState(netns, name, current.state)];
      steps.push({ object, part: 'state', action: setPortState(netns, name, state), undo });
    }
    if (params.vlans === undefined) return { steps, ...views, kept };
    const wanted = wantedVlans(params.vlans);
    return {
      steps: [...steps, ...vlanSteps(object, { netns, dev: name, self: false }, wanted, current.vlans)],
      before: { ...views.before, vlans: vlansView(current.vlans) },
      after: { ...views.after, vlans: vlansView(wanted) },
      kept,
    };
  },
});
