import { Fault } from '../fault.ts';
import { plugin } from '../plugin.ts';
import { asInteger, asList, printed } from '../python/coerce.ts';

/** Of IEEE 802.1Q; 0 and 4095 are reserved. */
const lastVlan = 4094;

const vlanOf = (value: unknown): number => {
  const vlan = asInteger(value, 'a VLAN');
  if (vlan < 1 || vlan > lastVlan) throw new Fault(`Valid VLAN range is 1-${lastVlan}`);
  return vlan;
};

/** Three and more in a row as `first-last`. */
function ranges(vlans: readonly number[]): string[] {
  const rows: number[][] = [];
  for (const vlan of [...new Set(vlans)].sort((a, b) => a - b)) {
    const row = rows.at(-1);
    if (row && row.at(-1) === vlan - 1) row.push(vlan);
    else rows.push([vlan]);
  }
  return rows.flatMap((row) => (row.length > 2 ? [`${row[0]}-${row.at(-1)}`] : row.map(String)));
}

/** Lines of parts between commas, none longer than it may be unless one part is. */
function lines(parts: readonly string[], first: number, other: number): string[] {
  const made: string[] = [];
  for (const part of parts) {
    const line = made.at(-1);
    const longer = `${line},${part}`;
    if (line !== undefined && longer.length <= (made.length === 1 ? first : other)) made[made.length - 1] = longer;
    else made.push(part);
  }
  return made;
}

function expanded(text: string): number[] {
  const bounds = text.split(',').map((part) => part.split('-').map((bound) => bound.trim()));
  const odd = bounds.flat().find((bound) => !/^\d{1,9}$/.test(bound));
  if (odd !== undefined) throw new Fault(`'${odd}' is no VLAN`);
  return bounds
    .flatMap(([from = '', to = from]) =>
      Array.from(
        { length: Math.min(lastVlan + 1, Math.max(0, Number(to) - Number(from) + 1)) },
        (_, at) => Number(from) + at,
      ),
    )
    .sort((a, b) => a - b);
}

/** Lists of VLANs as switches write them: `100,1688,3002-3005`, and back. */
export const vlanFilters = {
  vlan_parser: plugin('first_line_len?, other_line_len?', (value, [first, other]) =>
    lines(
      ranges(asList(value).map(vlanOf)),
      asInteger(first ?? undefined, 'first_line_len', 48),
      asInteger(other ?? undefined, 'other_line_len', 44),
    ),
  ),
  vlan_expander: plugin('', (value) => expanded(printed(value))),
};
