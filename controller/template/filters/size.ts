import { Fault } from '../fault.ts';
import { plugin } from '../plugin.ts';
import { asText, printed } from '../python/coerce.ts';
import { truth } from '../python/compare.ts';
import { formatNumber } from '../python/number-format.ts';
import { numberOf, typeName } from '../python/values.ts';

const letters = ['B', 'K', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
const names = ['', 'kilo', 'mega', 'giga', 'tera', 'peta', 'exa', 'zetta', 'yotta'];
const scale = (step: number): number => 1024 ** step;

const fixed = (value: number, precision: number): string =>
  formatNumber(value, 'f', { sign: '-', zero: false, alternate: false, width: 0, precision });

/** Python's round() to a whole number: ties to the even one. */
function rounded(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** `1.00 KB` for a number of bytes or bits. */
function humanReadable(value: unknown, isBits: boolean, unit: string | undefined): string {
  const size = numberOf(value);
  if (size === undefined)
    throw new Fault(`human_readable() failed on bad input: it takes a number, not ${typeName(value)}`);
  const wanted = unit?.toUpperCase();
  const found = letters.findLastIndex((letter, step) =>
    wanted === undefined ? size >= scale(step) : wanted === letter,
  );
  const step = Math.max(found, 0);
  const base = isBits ? 'bits' : 'Bytes';
  return `${fixed(size / scale(step), 2)} ${step === 0 ? base : `${letters[step]}${base.charAt(0)}`}`;
}

/** Bytes (or bits) of `10 MB`, `2K`, `1.5 gigabyte`. */
function humanToBytes(text: string, defaultUnit: string | undefined, isBits: boolean): number {
  const [whole, digits, written] = /^(\d*\.?\d+)(?:\s*([A-Za-z]+))?\s*$/.exec(text) ?? [];
  if (whole === undefined) throw new Fault(`human_to_bytes() can't interpret following string: ${text}`);
  const unit = written ?? defaultUnit;
  const size = Number(digits);
  if (unit === undefined) return rounded(size);
  const step = letters.indexOf(unit.charAt(0).toUpperCase());
  const [long, short] = isBits ? [`${names[step]}bit`, 'b'] : [`${names[step]}byte`, 'B'];
  const abbreviation = step === 0 ? short : `${letters[step]}${short}`;
  if (step < 0 || (unit.length > 1 && unit.toLowerCase() !== long && unit !== abbreviation)) {
    throw new Fault(`'${unit}' is not a unit of ${isBits ? 'bits' : 'bytes'}`, { hint: `write '${abbreviation}'` });
  }
  return rounded(size * scale(step));
}

/** Jinja2's `13.0 kB`, or `KiB` of 1024. */
function fileSize(value: unknown, binary: boolean): string {
  const bytes = numberOf(value) ?? Number(printed(value));
  if (Number.isNaN(bytes)) throw new Fault("filter 'filesizeformat' needs a number");
  const base = binary ? 1024 : 1000;
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
  const step = Math.min(Math.floor(Math.log(bytes) / Math.log(base) + 1e-12), 8);
  const prefix = binary ? `${letters[step]}i` : step === 1 ? 'k' : letters[step];
  return `${fixed(bytes / base ** step, 1)} ${prefix}B`;
}

const optional = (value: unknown, name: string): string | undefined =>
  value === undefined || value === null ? undefined : asText(value, name);

export const sizeFilters = {
  human_readable: plugin('isbits?, unit?', (value, [isBits, unit]) =>
    humanReadable(value, truth(isBits ?? false), optional(unit, 'unit')),
  ),
  human_to_bytes: plugin('default_unit?, isbits?', (value, [unit, isBits]) =>
    humanToBytes(printed(value), optional(unit, 'default_unit'), truth(isBits ?? false)),
  ),
  filesizeformat: plugin('binary?', (value, [binary]) => fileSize(value, truth(binary ?? false))),
};
