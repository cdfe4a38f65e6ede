import { Fault } from '../fault.ts';
import { plugin } from '../plugin.ts';
import { asList, asText } from '../python/coerce.ts';
import { truth } from '../python/compare.ts';
import { integerOf, normal } from '../python/integer.ts';
import { PythonRandom } from '../python/python-random.ts';
import { isList, isMapping } from '../python/values.ts';

function source(seed: unknown): PythonRandom {
  if (seed === undefined || seed === null) return new PythonRandom(undefined);
  const whole = integerOf(seed);
  return new PythonRandom(whole === undefined ? asText(seed, 'seed') : BigInt(whole));
}

const bigOf = (value: unknown, name: string): bigint => {
  const whole = integerOf(value);
  if (whole === undefined) throw new Fault(`'${name}' must be a whole number`);
  return BigInt(whole);
};

function random(end: unknown, start: unknown, step: unknown, seed: unknown): unknown {
  const picks = source(seed);
  if (integerOf(end) === undefined) {
    if (truth(start ?? false) || truth(step ?? false))
      throw new Fault('start and step can only be used with integer values');
    if (typeof end !== 'string' && !isList(end)) throw new Fault('random can only be used on sequences and integers');
    const items = asList(end);
    return items[Number(picks.below(BigInt(items.length)))];
  }
  const first = truth(start ?? false) ? bigOf(start, 'start') : 0n;
  const by = truth(step ?? false) ? bigOf(step, 'step') : 1n;
  const width = bigOf(end, 'end') - first;
  const count = by > 0n ? (width + by - 1n) / by : (width + by + 1n) / by;
  return normal(first + by * picks.below(count));
}

export const randomFilters = {
  random: plugin('start?, step?, seed?', (value, [start, step, seed]) => random(value, start, step, seed)),
  // What is no list stays as it is.
  shuffle: plugin('seed?', (value, [seed]) =>
    typeof value === 'string' || isList(value) || isMapping(value)
      ? source(truth(seed ?? false) ? seed : undefined).shuffle(asList(value))
      : value,
  ),
};
