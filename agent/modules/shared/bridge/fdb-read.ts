import { OrchError } from '../../../../proto/errors.ts';
import type { Host } from '../../../linux/host.ts';
import { info } from '../link/attribute.ts';
import { kindOf } from '../link/state.ts';
import { placed, readRows, requireLink } from '../place.ts';
import { number, object, type Row, text, texts } from '../rows.ts';
import { type FdbEntry, sameKey } from './fdb.ts';
import { bridgeRows } from './query.ts';

export interface FdbState {
  /** The entry that the task asks for, as the kernel would show it. */
  readonly wanted: FdbEntry;
  readonly present: FdbEntry | undefined;
}

/** A bridge's own entries are of itself; a VXLAN shows no port and network that are its own. */
function fitted(wanted: FdbEntry, link: Row): FdbEntry {
  const kind = kindOf(link);
  if (kind === 'bridge') return { ...wanted, of: 'self', type: 'permanent' };
  if (kind !== 'vxlan') return wanted;
  const unless = (value: number | undefined, own: string) => (value === number(info(link), own) ? undefined : value);
  return { ...wanted, port: unless(wanted.port, 'port'), vni: unless(wanted.vni, 'id') };
}

/** The table that the entry is in: the command that shows it, and which of its rows are of it. */
function tableOf(wanted: FdbEntry, link: Row): { show: readonly string[]; has: (row: Row) => boolean } | undefined {
  if (kindOf(link) === 'bridge') {
    return { show: ['br', wanted.dev], has: (row) => text(row, 'master') === wanted.dev };
  }
  if (wanted.of === 'self') return { show: ['dev', wanted.dev], has: (row) => texts(row, 'flags').includes('self') };
  const bridge = text(link, 'master');
  const isPort = text(object(link, 'linkinfo'), 'info_slave_kind') === 'bridge';
  return bridge && isPort ? { show: ['br', bridge], has: (row) => text(row, 'master') === bridge } : undefined;
}

/** An entry that somebody made, of a table of `of`; undefined for those that the kernel learned. */
export function entryOf(row: Row, { dev, of }: Pick<FdbEntry, 'dev' | 'of'>): FdbEntry | undefined {
  const [mac, type, flags] = [text(row, 'mac'), text(row, 'state'), texts(row, 'flags')];
  if (mac === undefined || (type !== 'static' && type !== 'permanent')) return undefined;
  return {
    mac,
    dev: text(row, 'ifname') ?? dev,
    of,
    type,
    vlan: number(row, 'vlan'),
    dst: text(row, 'dst'),
    port: number(row, 'port'),
    vni: number(row, 'vni'),
    src_vni: number(row, 'src_vni'),
    via: text(row, 'viaIf'),
    nhid: number(row, 'nhid'),
    sticky: flags.includes('sticky'),
    router: flags.includes('router'),
  };
}

export async function readEntry(
  host: Host,
  netns: string | undefined,
  asked: FdbEntry,
  state: 'present' | 'absent',
): Promise<FdbState> {
  const query = ['link', 'show', 'dev', asked.dev];
  const link = state === 'absent' ? (await readRows(host, netns, query))[0] : await requireLink(host, netns, asked.dev);
  if (link === undefined) return { wanted: asked, present: undefined };
  const wanted = fitted(asked, link);
  const table = tableOf(wanted, link);
  if (table === undefined) {
    if (state === 'absent' || host.promised({ kind: 'link', netns, name: asked.dev }))
      return { wanted, present: undefined };
    throw new OrchError({
      code: 'missing-object',
      summary: `${placed(netns, asked.dev)} is no port of a bridge.`,
      hint: `Make it one by its master in a task before this one, or say "of: self" for an entry of ${asked.dev} itself.`,
    });
  }
  const rows = (await bridgeRows(host, netns, ['fdb', 'show', ...table.show])) ?? [];
  const entries = rows.filter(table.has).flatMap((row) => entryOf(row, wanted) ?? []);
  return { wanted, present: entries.find((entry) => sameKey(entry, wanted)) };
}
