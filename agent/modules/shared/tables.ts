import type { Host, IpReply } from '../../linux/host.ts';
import { text } from './rows.ts';

/** iproute2's names for the routing tables that every kernel has; it shows these for their numbers. */
const wellKnown: Readonly<Record<string, string>> = { '253': 'default', '254': 'main', '255': 'local' };

/** A table as ip shows it. */
export function tableName(table: string | number): string {
  return wellKnown[String(table)] ?? String(table);
}

/** Numbers of tables by the names that a host's rt_tables gives them. */
export type TableNames = Readonly<Record<string, string>>;

/** Where iproute2 looks, the later folder first. */
const folders = ['/usr/share/iproute2', '/etc/iproute2'];

/** Numbers by the names that a file of iproute2 gives them. */
export async function readNumbers(host: Pick<Host, 'readFile'>, file: string): Promise<ReadonlyMap<string, number>> {
  const texts = await Promise.all(folders.map((folder) => host.readFile(`${folder}/${file}`, 1024 * 1024)));
  const line = /^\s*(0x[\da-f]+|\d+)\s+(\S+)/gim;
  const lines = texts.flatMap((found) => [...(found?.toString('utf8') ?? '').matchAll(line)]);
  return new Map(lines.map(([, number, name = '']) => [name, Number(number)]));
}

/** Reads the names, when one of these tables has a name of the host's own. */
export async function readTableNames(host: Pick<Host, 'readFile'>, tables: readonly string[]): Promise<TableNames> {
  const isOwn = (table: string) => !/^\d+$/.test(table) && !Object.values(wellKnown).includes(table);
  if (!tables.some(isOwn)) return {};
  const numbers = await readNumbers(host, 'rt_tables');
  return Object.fromEntries([...numbers].map(([name, number]) => [name, String(number)]));
}

/** One spelling for a table, whichever of its names and numbers is used. */
export function sameTable(table: string | number, names: TableNames): string {
  return tableName(names[String(table)] ?? table);
}

/** Routes, rules or ways with the numbers of their tables, where ip shows names of the host's own. */
export async function withTableNumbers(
  host: Pick<Host, 'readFile'>,
  rows: IpReply['rows'],
): Promise<readonly IpReply['rows'][number][]> {
  const tables = rows.flatMap((row) => text(row, 'table') ?? []);
  const names = await readTableNames(host, tables);
  if (Object.keys(names).length === 0) return rows;
  return rows.map((row) => {
    const table = text(row, 'table');
    return table === undefined ? row : { ...row, table: sameTable(table, names) };
  });
}
