import { OrchError } from '../../../../proto/errors.ts';
import type { Host } from '../../../linux/host.ts';
import type { Step } from '../../module.ts';
import { placed, requireLink } from '../place.ts';
import { object, type Row, text } from '../rows.ts';
import { type Attributes, isAsWanted, type Values } from './attribute.ts';
import { attributeEdits } from './changes.ts';

/** What tasks say of a link as a port of a bridge or a slave of a bond. */
export interface SlaveParams extends Values {
  readonly name: string;
  readonly netns?: string | undefined;
}

/** The kind of master that it has, and how it is told of. */
export interface SlaveKind {
  readonly master: 'bridge' | 'bond';
  readonly as: string;
  readonly attributes: Attributes;
  readonly together?: readonly (readonly string[])[];
}

/** What a row of `ip -d link show` says of a link as a port or slave. */
export function slaveData(row: Row): Row {
  return object(object(row, 'linkinfo'), 'info_slave_data');
}

function hasMaster(row: Row, { master }: SlaveKind): boolean {
  return text(object(row, 'linkinfo'), 'info_slave_kind') === master;
}

/** The row of a port or slave; undefined in check mode, where a task before may be the one that would make it one. */
export async function readSlave(kind: SlaveKind, { name, netns }: SlaveParams, host: Host): Promise<Row | undefined> {
  const row = await requireLink(host, netns, name);
  if (row === undefined || hasMaster(row, kind)) return row;
  if (host.promised({ kind: 'link', netns, name })) return undefined;
  const place = netns === undefined ? '' : `, netns: ${netns}`;
  throw new OrchError({
    code: 'missing-object',
    summary: `${placed(netns, name)} is no ${kind.as}.`,
    hint: `A task before this one makes it one: "link: {name: ${name}${place}, master: ${kind.master === 'bond' ? 'bond0' : 'br0'}}".`,
  });
}

/** What a new one has. */
export function freshSlave({ attributes }: SlaveKind): Values {
  return Object.fromEntries(Object.entries(attributes).map(([name, { unset }]) => [name, unset]));
}

export function slaveValues({ attributes }: SlaveKind, row: Row): Values {
  return Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, attribute.shows(row)]));
}

/** What brings it from the present values to the wanted ones, with its inverse. */
export function slaveEdits({ master, attributes, together }: SlaveKind, name: string, wanted: Values, present: Values) {
  return attributeEdits(attributes, { name, prefix: ['type', `${master}_slave`], together }, wanted, present);
}

/** The steps of a task, what it asks for as it is and as it will be, and the parts that are so already. */
export function planSlave(kind: SlaveKind, params: SlaveParams, present: Values) {
  const { name, netns } = params;
  const ip = (args: readonly string[]) => ({ op: 'ip', netns, args }) as const;
  const partOf = (attribute: string) => `${kind.master}_slave ${attribute}`;
  const edits = slaveEdits(kind, name, params, present);
  const asked = Object.entries(kind.attributes).filter(([key]) => params[key] !== undefined);
  const steps = edits.map(
    ({ part, there, back }): Step => ({
      object: `link ${placed(netns, name)}`,
      part: partOf(part),
      action: ip(there),
      undo: back.length === 0 ? [] : [ip(back)],
    }),
  );
  const after = asked.map(([key, attribute]) => {
    return [key, isAsWanted(attribute, params[key], present[key]) ? present[key] : params[key]];
  });
  return {
    steps,
    before: Object.fromEntries(asked.map(([key]) => [key, present[key]])) as Values,
    after: Object.fromEntries(after) as Values,
    kept: asked.filter(([key]) => edits.every(({ part }) => part !== key)).map(([key]) => partOf(key)),
  };
}
