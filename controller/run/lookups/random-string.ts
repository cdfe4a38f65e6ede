import { randomInt } from 'node:crypto';
import { PythonRandom } from '../../template/python/python-random.ts';
import { isYes, lookupError, textOption } from './terms.ts';

const kinds = {
  upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  lower: 'abcdefghijklmnopqrstuvwxyz',
  numbers: '0123456789',
  special: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
} as const;
const minima = { min_numeric: 'numbers', min_upper: 'upper', min_lower: 'lower', min_special: 'special' } as const;
const lookAlikes = 'il1LoO0';
const longest = 4096;

const wholeNumber = (value: unknown, otherwise: string): number => {
  const number = Number(textOption(value, otherwise));
  if (Number.isInteger(number) && number >= 0 && number <= longest) return number;
  throw lookupError('random_string', `no count of characters: ${String(value)}`);
};

/** A text of characters by chance: so many of each kind at least, and the rest of all that are allowed. */
export function randomString(options: Readonly<Record<string, unknown>>): string {
  const seed = options.seed === undefined || options.seed === null ? undefined : new PythonRandom(String(options.seed));
  const below = (count: number) => (seed ? Number(seed.below(BigInt(count))) : randomInt(count));
  const similar = isYes(options.ignore_similar_chars) ? textOption(options.similar_chars, lookAlikes) : '';
  const of = (characters: string) => [...characters].filter((each) => !similar.includes(each));
  const special = of(textOption(options.override_special, kinds.special));
  const own = (kind: keyof typeof kinds) => (kind === 'special' ? special : of(kinds[kind]));
  const named = Object.keys(kinds) as (keyof typeof kinds)[];
  const allowed =
    textOption(options.override_all, '') === ''
      ? named.flatMap((kind) => (isYes(options[kind], true) ? own(kind) : []))
      : of(String(options.override_all));
  const pick = (from: readonly string[], count: number) => {
    if (count > 0 && from.length === 0)
      throw lookupError('random_string', 'Available characters cannot be None, please change constraints');
    return Array.from({ length: count }, () => from[below(from.length)] ?? '');
  };
  const least = Object.entries(minima).flatMap(([name, kind]) => pick(own(kind), wholeNumber(options[name], '0')));
  const length = wholeNumber(options.length, '8');
  const characters = [...least, ...pick(allowed, Math.max(0, length - least.length))];
  for (let last = characters.length - 1; last > 0; last -= 1) {
    const other = below(last + 1);
    [characters[last], characters[other]] = [characters[other] ?? '', characters[last] ?? ''];
  }
  const text = characters.join('');
  return isYes(options.base64) ? Buffer.from(text).toString('base64') : text;
}
