import type { Host } from '../../../linux/host.ts';
import type { CommonParams } from '../link/types.ts';
import { readRows } from '../place.ts';
import { flag, number, type Row, rows, text } from '../rows.ts';

/** What the kernel tells of an association: never its key. */
export interface KnownAssociation {
  readonly an: number;
  readonly keyId: string;
  readonly active: boolean;
}

export interface KnownChannel {
  readonly sci: string;
  readonly active: boolean;
  readonly associations: readonly KnownAssociation[];
}

export interface Channels {
  readonly tx: readonly KnownAssociation[];
  readonly rx: readonly KnownChannel[];
}

export const noChannels: Channels = { tx: [], rx: [] };

/** ip leaves out leading zeroes of an SCI in JSON (ip/ipmacsec.c). */
function sciOf(row: Row): string {
  return (text(row, 'sci') ?? '').replace(/^0x/, '').padStart(16, '0');
}

function associationsOf(row: Row): KnownAssociation[] {
  return rows(row, 'sa_list').map((sa) => ({
    an: number(sa, 'an') ?? 0,
    keyId: text(sa, 'key') ?? '',
    active: flag(sa, 'active'),
  }));
}

export async function readChannels({ name, netns }: CommonParams, host: Host): Promise<Channels> {
  const [row = {}] = await readRows(host, netns, ['macsec', 'show', name]);
  const rx = rows(row, 'rx_sc').map((sc) => ({
    sci: sciOf(sc),
    active: flag(sc, 'active'),
    associations: associationsOf(sc),
  }));
  return { tx: associationsOf(row), rx };
}
