import { keyValues } from '../../playbook/values/key-value.ts';
import { Fault } from '../../template/fault.ts';
import { formatPercent } from '../../template/python/percent-format.ts';
import { repr } from '../../template/python/text.ts';
import { lookupError } from './terms.ts';

/** More than this is a slip of the hand. */
const mostNumbers = 1_000_000;

const shortcut =
  /^(?:(?<start>(?:0x)?[0-9a-f]+)-)?(?<end>(?:0x)?[0-9a-f]+)(?:\/(?<stride>(?:0x)?[0-9a-f]+))?(?::(?<format>.+))?$/i;

const known: ReadonlySet<string> = new Set(['start', 'end', 'count', 'stride', 'format']);

const fault = (problem: string) => lookupError('sequence', problem);

function number(name: string, value: unknown): number {
  const result = typeof value === 'number' ? value : Number(String(value).trim());
  if (Number.isInteger(result)) return result;
  throw fault(`${name} must be a whole number, not ${JSON.stringify(value)}`);
}

/** One number by a printf format of one conversion: `%02x`, `host%d`. */
function printed(format: string, value: number): string {
  try {
    return formatPercent(format, value);
  } catch (error) {
    if (error instanceof Fault) throw fault(`problem formatting ${value} with ${repr(format)}`);
    throw error;
  }
}

/** Numbers as texts: `start=1 end=5 stride=2 format=web%02d`, `5`, `2-10/2:host%d`, or the same as options. */
export function sequence(term: unknown, options: Readonly<Record<string, unknown>>): string[] {
  const said: Record<string, unknown> = { ...options };
  const text = typeof term === 'object' ? '' : String(term).trim();
  const short = shortcut.exec(text)?.groups;
  if (short) for (const [key, value] of Object.entries(short)) if (value !== undefined) said[key] = value;
  if (!short) for (const { key, value } of keyValues(text) ?? []) said[key] = value;
  const unknown = Object.keys(said).filter((key) => !known.has(key));
  if (unknown.length > 0) throw fault(`unrecognized arguments to with_sequence: [${unknown.map(repr).join(', ')}]`);
  const start = number('start', said.start ?? 1);
  const stride = number('stride', said.stride ?? 1);
  const count = said.count === undefined ? undefined : number('count', said.count);
  if (count === undefined && said.end === undefined) throw fault('must specify count or end in with_sequence');
  if (count !== undefined && said.end !== undefined) throw fault("can't specify both count and end in with_sequence");
  if (count === 0) return [];
  const end = count === undefined ? number('end', said.end) : start + count * stride - 1;
  if (stride === 0) return [];
  if (stride > 0 && end < start) throw fault('to count backwards make stride negative');
  if (stride < 0 && end > start) throw fault("to count forward don't make stride negative");
  const length = Math.floor((end - start) / stride) + 1;
  if (length > mostNumbers) throw fault(`it would make ${length} numbers`);
  const format = said.format === undefined ? '%d' : String(said.format);
  if (format.split('%').length !== 2) throw fault(`bad formatting string: ${format}`);
  const print = (value: number) => (format === '%d' ? String(value) : printed(format, value));
  return Array.from({ length }, (_, index) => print(start + index * stride));
}
