import type { Action } from '../../module.ts';

/** One entry of a bridge's table of groups. */
export interface MdbEntry {
  /** The bridge. */
  readonly dev: string;
  readonly port: string;
  readonly grp: string;
  readonly src: string | undefined;
  readonly vlan: number | undefined;
}

/** Entries that are made are permanent: the kernel learns the others. */
export function mdbAction(netns: string | undefined, verb: 'add' | 'del', entry: MdbEntry): Action {
  const { dev, port, grp, src, vlan } = entry;
  const words = [
    ...(src === undefined ? [] : ['src', src]),
    ...(verb === 'add' ? ['permanent'] : []),
    ...(vlan === undefined ? [] : ['vid', String(vlan)]),
  ];
  return { op: 'bridge', netns, args: ['mdb', verb, 'dev', dev, 'port', port, 'grp', grp, ...words] };
}
