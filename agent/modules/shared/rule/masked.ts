import type { Host } from '../../../linux/host.ts';
import type { Row } from '../rows.ts';
import { readNumbers } from '../tables.ts';
import { tosNames } from '../tos.ts';

const labelMask = 0xfffff;
const portMask = 0xffff;
/** Rules take no port 0, nor 65535 (fib_rule_port_range_valid() in include/net/fib_rules.h). */
export const lastPort = 65_534;

/** "0x10" or "0x10/0xf0", without a mask that is whole; undefined: the kernel takes none such, or forgets it. */
function maskedText(said: string, whole: number): string | undefined {
  const parts = said.split('/').map((part) => (/^(0x[0-9a-f]+|\d+)$/i.test(part) ? Number(part) : Number.NaN));
  const [value = Number.NaN, mask = whole, ...more] = parts;
  if (more.length > 0 || mask === 0 || ![value, mask].every((part) => part <= whole)) return undefined;
  if ((value & ~mask) !== 0) return undefined;
  const hex = (part: number) => `0x${part.toString(16)}`;
  return mask === whole ? hex(value) : `${hex(value)}/${hex(mask)}`;
}

/** A DSCP, which is the upper bits of a TOS, in one spelling: "0x2e", "0x28/0x38"; undefined: none can be so. */
export function dscpText(said: string | number): string | undefined {
  const [name = '', ...mask] = String(said).split('/');
  const tos = tosNames[name.toUpperCase()];
  return maskedText([tos === undefined ? name : tos >> 2, ...mask].join('/'), 63);
}

/** A flow label: "0x10", "0x10/0xf0". */
export function labelText(said: string | number): string | undefined {
  return maskedText(String(said), labelMask);
}

/** A lone port: "80", or "0x400/0xfc00". Linux 6.15 shows the whole mask where none was said. */
export function portText(said: string | number): string | undefined {
  const text = maskedText(String(said), portMask);
  const port = Number.parseInt(text ?? '', 16);
  if (!(port > 0 && port <= lastPort)) return undefined;
  return text?.includes('/') ? text : String(port);
}

/** "1024/0xfc00": what is shown under a key, and its mask, if any. */
export function withMask(row: Row, key: string): string | undefined {
  const mask = row[`${key}_mask`];
  return row[key] === undefined ? undefined : `${row[key]}${mask === undefined ? '' : `/${mask}`}`;
}

/** Whether a rule has a DSCP that is shown by a name of the host's own. */
export function hasOwnName(row: Row): boolean {
  const dscp = withMask(row, 'dscp');
  return dscp !== undefined && dscpText(dscp) === undefined;
}

/** Rules with the numbers of their DSCPs, where ip shows names of the host's own. */
export async function withDscpNumbers(host: Pick<Host, 'readFile'>, rows: readonly Row[]): Promise<readonly Row[]> {
  if (!rows.some(hasOwnName)) return rows;
  const numbers = await readNumbers(host, 'rt_dsfield');
  return rows.map((row) => {
    const tos = hasOwnName(row) ? numbers.get(String(row.dscp)) : undefined;
    return tos === undefined ? row : { ...row, dscp: tos >> 2 };
  });
}
