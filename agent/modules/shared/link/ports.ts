import type { Host } from '../../../linux/host.ts';
import type { Action } from '../../module.ts';
import { readRows } from '../place.ts';
import { object, type Row, text } from '../rows.ts';
import { setLink } from './actions.ts';
import { bondSlaveCommands } from './bond-slave.ts';
import type { LinkExtra } from './kind.ts';
import { isUp } from './state.ts';
import type { CommonParams } from './types.ts';

/** The links that a bridge, bond or VRF is master of. */
export function readPorts(params: CommonParams, host: Host): Promise<readonly Row[]> {
  return readRows(host, params.netns, ['link', 'show', 'master', params.name]);
}

/** Puts links under a master that was made again. A bond takes them while they are down, and sets them up itself. */
export function rejoin(params: CommonParams, ports: readonly Row[]): Action[] {
  const { name, netns } = params;
  return ports.flatMap((row) => {
    const port = text(row, 'ifname') ?? '';
    const join = setLink(netns, port, 'master', name);
    const inBond = text(object(row, 'linkinfo'), 'info_slave_kind') === 'bond';
    if (!inBond) return [join];
    const settings = bondSlaveCommands(netns, port, row);
    return [setLink(netns, port, 'down'), join, ...settings, setLink(netns, port, isUp(row) ? 'up' : 'down')];
  });
}

/** For kinds whose links are masters of others: undo of a removal brings those back to it. */
export const portsExtra: LinkExtra<readonly Row[]> = {
  fields: {},
  read: async () => [],
  readWhole: readPorts,
  plan: () => ({ steps: [], before: {}, after: {} }),
  remake: rejoin,
};
