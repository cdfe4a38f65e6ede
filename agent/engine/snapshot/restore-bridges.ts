import type { Action } from '../../linux/action.ts';
import { placeEntry, removeEntry } from '../../modules/shared/bridge/fdb.ts';
import { entryOf } from '../../modules/shared/bridge/fdb-read.ts';
import { mdbAction } from '../../modules/shared/bridge/mdb.ts';
import { restoreVlans } from '../../modules/shared/bridge/vlan-steps.ts';
import { vlansOf } from '../../modules/shared/bridge/vlans.ts';
import { number, type Row, text } from '../../modules/shared/rows.ts';
import { type Difference, type Item, netnsName } from './state.ts';

/** A port has the VLANs that its bridge gives it, before anybody says more. */
export function vlansBack({ netns, before, after }: Difference): readonly Action[] {
  if (typeof before !== 'object' || typeof after !== 'object') return [];
  const place = { netns: netnsName(netns), dev: text(before, 'dev') ?? '', self: before.self === true };
  return restoreVlans(place, new Map(vlansOf(before)), new Map(vlansOf(after)));
}

export function fdbBack({ netns, before, after }: Difference): readonly Action[] {
  const [was, is] = [fdbEntry(before), fdbEntry(after)];
  const remove = is === undefined ? [] : [removeEntry(netnsName(netns), is)];
  return was === undefined ? remove : [...remove, placeEntry(netnsName(netns), was)];
}

function fdbEntry(item: Item | undefined) {
  if (typeof item !== 'object') return undefined;
  const dev = text(item, 'dev') ?? '';
  const master = text(item, 'master');
  return entryOf(item, { dev, of: master === undefined || master === dev ? 'self' : 'master' });
}

export function mdbBack({ netns, before, after }: Difference): readonly Action[] {
  const remove = typeof after === 'object' ? [mdbAction(netnsName(netns), 'del', mdbEntry(after))] : [];
  return typeof before === 'object' ? [...remove, mdbAction(netnsName(netns), 'add', mdbEntry(before))] : remove;
}

function mdbEntry(row: Row) {
  const word = (key: string) => text(row, key) ?? '';
  const [dev, port, grp] = [word('bridge'), word('dev'), word('grp')];
  return { dev, port, grp, src: text(row, 'src'), vlan: number(row, 'vid') };
}
