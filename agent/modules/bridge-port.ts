import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import { defineModule, type Step } from './module.ts';
import { portAttributes, portEdits, portState, portStates, portValues, setPortState } from './shared/bridge/port.ts';
import { vlanSteps, vlansView } from './shared/bridge/vlan-steps.ts';
import { readVlans, type Vlans, vlansField, wantedVlans } from './shared/bridge/vlans.ts';
import { inNetns, linkName } from './shared/fields.ts';
import { type Attribute, type Attributes, attributeNeeds, isAsWanted, type Values } from './shared/link/attribute.ts';
import { attributeFields } from './shared/link/params.ts';
import { placed, requireLink } from './shared/place.ts';
import { object, type Row, text } from './shared/rows.ts';

const portTable: Attributes = portAttributes;

interface Params extends Values {
  readonly name: string;
  readonly netns?: string | undefined;
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

/** A port that is new, where its bridge is one that nobody gave another `vlan_default_pvid`. */
const freshValues: Values = Object.fromEntries(Object.entries(portTable).map(([name, { unset }]) => [name, unset]));
const freshVlans: Vlans = new Map([[1, 'pvid untagged']]);

function isPort(row: Row): boolean {
  return text(object(row, 'linkinfo'), 'info_slave_kind') === 'bridge';
}

function notPort({ name, netns }: Params): OrchError {
  return new OrchError({
    code: 'missing-object',
    summary: `${placed(netns, name)} is no port of a bridge.`,
    hint: `A task before this one makes it one: "link: {name: ${name}${netns === undefined ? '' : `, netns: ${netns}`}, master: br0}".`,
  });
}

/** What the task asks for, as it is and as it will be. */
function views(params: Params, current: Current): { readonly before: Values; readonly after: Values } {
  const asked = Object.entries<Attribute<unknown>>(portTable).filter(([name]) => params[name] !== undefined);
  const before = asked.map(([name]) => [name, current.values[name]]);
  const after = asked.map(([name, attribute]) => {
    const present = current.values[name];
    return [name, isAsWanted(attribute, params[name], present) ? present : params[name]];
  });
  const state = (value: string | undefined) => (params.state === undefined ? {} : { state: value });
  return {
    before: { ...Object.fromEntries(before), ...state(current.state) },
    after: { ...Object.fromEntries(after), ...state(params.state) },
  };
}

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

  needs: (params) => attributeNeeds(portTable, params),

  async read(params, host): Promise<Current> {
    const { name, netns } = params;
    const row = await requireLink(host, netns, name);
    // In check mode an earlier task may be the one that would make it a port.
    if (row !== undefined && !isPort(row) && !host.promised({ kind: 'link', netns, name })) throw notPort(params);
    if (row === undefined || !isPort(row)) return { values: freshValues, state: undefined, vlans: freshVlans };
    const vlans = params.vlans === undefined ? new Map() : await readVlans(host, netns, name);
    return { values: portValues(row), state: portState(row), vlans };
  },

  plan(params, current) {
    const { name, netns } = params;
    const object = `link ${placed(netns, name)}`;
    const ip = (args: readonly string[]) => ({ op: 'ip', netns, args }) as const;
    const edits = portEdits(name, params, current.values);
    const partOf = (attribute: string) => `bridge_slave ${attribute}`;
    const changing = edits.map(({ part }) => part);
    const kept = Object.keys(portTable)
      .filter((key) => params[key] !== undefined && !changing.includes(key))
      .map(partOf);
    const steps = edits.map(
      ({ part, there, back }): Step => ({
        object,
        part: partOf(part),
        action: ip(there),
        undo: back.length === 0 ? [] : [ip(back)],
      }),
    );
    const { state } = params;
    if (state !== undefined && state !== current.state) {
      const undo = current.state === undefined ? [] : [setPortState(netns, name, current.state)];
      steps.push({ object, part: 'state', action: setPortState(netns, name, state), undo });
    }
    const { before, after } = views(params, current);
    if (params.vlans === undefined) return { steps, before, after, kept };
    const wanted = wantedVlans(params.vlans);
    return {
      steps: [...steps, ...vlanSteps(object, { netns, dev: name, self: false }, wanted, current.vlans)],
      before: { ...before, vlans: vlansView(current.vlans) },
      after: { ...after, vlans: vlansView(wanted) },
      kept,
    };
  },
});
