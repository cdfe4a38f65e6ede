import type { Action } from '../module.ts';
import { placed } from './place.ts';
import { protocolName } from './protocols.ts';
import { option } from './route/family.ts';
import { flag, type Row, text, texts } from './rows.ts';

/** What the kernel tells entries apart by. */
export interface NeighbourKey {
  readonly dst: string;
  readonly dev: string;
  readonly netns: string | undefined;
  readonly proxy: boolean;
}

/** An entry in the kernel's terms. */
export interface Neighbour {
  /** Not of proxies, nor of managed entries until the kernel found it. */
  readonly lladdr: string | undefined;
  /** The kernel's word: PERMANENT, NOARP, REACHABLE, STALE, DELAY, PROBE. */
  readonly nud: string | undefined;
  readonly managed: boolean;
  readonly router: boolean;
  readonly extern_learn: boolean;
  readonly protocol: string | undefined;
}

export const neighbourFlags = ['managed', 'router', 'extern_learn'] as const;

/** A row of `ip neighbour show`. */
export function neighbourOf(row: Row): Neighbour {
  const protocol = text(row, 'protocol');
  return {
    lladdr: text(row, 'lladdr'),
    nud: texts(row, 'state')[0],
    managed: flag(row, 'managed'),
    router: flag(row, 'router'),
    extern_learn: flag(row, 'extern_learn'),
    protocol: protocol === undefined ? undefined : protocolName(protocol),
  };
}

export function neighbourObject({ dst, dev, netns, proxy }: NeighbourKey): string {
  return `neighbour ${proxy ? 'proxy ' : ''}${dst} on ${placed(netns, dev)}`;
}

function keyWords({ dst, proxy }: NeighbourKey): string[] {
  return [...(proxy ? ['proxy'] : []), dst];
}

/** Makes exactly this entry, whatever is in its place. */
export function putNeighbour(key: NeighbourKey, neighbour: Neighbour): Action {
  const { lladdr, nud, protocol } = neighbour;
  const args = [
    ...['neighbour', 'replace', ...keyWords(key)],
    ...option('lladdr', lladdr),
    ...['dev', key.dev],
    ...option('nud', nud?.toLowerCase()),
    ...neighbourFlags.filter((name) => neighbour[name]),
    ...option('protocol', protocol),
  ];
  return { op: 'ip', netns: key.netns, args };
}

export function deleteNeighbour(key: NeighbourKey): Action {
  return { op: 'ip', netns: key.netns, args: ['neighbour', 'delete', ...keyWords(key), 'dev', key.dev] };
}
