import { Float, isNumber } from '../../../proto/float.ts';
import { integerOf } from '../python/integer.ts';
import { readStamp } from '../python/read-time.ts';
import { plainScalar } from './plain-scalar.ts';

/** A tag of scalars: what it takes, and the value; undefined for a text that is none. */
interface ScalarTag {
  readonly takes: string;
  readonly read: (text: string) => unknown;
}

function whole(text: string): unknown {
  const value = plainScalar(text);
  return typeof value === 'boolean' ? undefined : integerOf(value);
}

function float(text: string): unknown {
  const value = plainScalar(text);
  if (isNumber(value)) return Float.of(Number(value));
  // Python takes an exponent without a dot, too.
  return /^[-+]?\d+[eE][-+]?\d+$/.test(text) ? Float.of(Number(text)) : undefined;
}

function boolean(text: string): unknown {
  const value = plainScalar(text.toLowerCase());
  return typeof value === 'boolean' ? value : undefined;
}

export const core = 'tag:yaml.org,2002:';

export const scalarTags: ReadonlyMap<string, ScalarTag> = new Map(
  Object.entries({
    // Says nothing.
    '!': { takes: 'anything', read: plainScalar },
    [`${core}str`]: { takes: 'a text', read: (text: string) => text },
    [`${core}int`]: { takes: 'a whole number', read: whole },
    [`${core}float`]: { takes: 'a number', read: float },
    [`${core}bool`]: { takes: 'yes or no', read: boolean },
    [`${core}null`]: { takes: 'nothing', read: () => null },
    [`${core}timestamp`]: { takes: 'a date', read: readStamp },
    [`${core}binary`]: { takes: 'base64', read: (text: string) => Buffer.from(text, 'base64').toString('utf8') },
  }),
);
