import { addressTests } from '../address-tests.ts';
import { asText, printed } from '../coerce.ts';
import { Fault } from '../fault.ts';
import { plugin } from '../plugin.ts';
import { findFirst } from '../regex.ts';
import { compareVersions } from '../version.ts';

type Where = 'match' | 'search' | 'fullmatch';

const matches = (where: Where) =>
  plugin('pattern?, ignorecase?, multiline?', (value, [pattern, ignoreCase, multiline]) => {
    const flags = { ignoreCase: ignoreCase === true, multiline: multiline === true };
    return findFirst(asText(pattern ?? '', 'pattern'), printed(value), flags, where) !== undefined;
  });

const regex = plugin(
  'pattern?, ignorecase?, multiline?, match_type?',
  (value, [pattern, ignoreCase, multiline, kind]) => {
    const where = kind ?? 'search';
    if (where !== 'match' && where !== 'search' && where !== 'fullmatch') {
      throw new Fault(`match_type must be 'match', 'search' or 'fullmatch', not '${printed(where)}'`);
    }
    const flags = { ignoreCase: ignoreCase === true, multiline: multiline === true };
    return findFirst(asText(pattern ?? '', 'pattern'), printed(value), flags, where) !== undefined;
  },
);

const version = plugin('version, operator?, strict?, version_type?', (value, [other, operator]) =>
  compareVersions(printed(value), printed(other), operator === undefined ? '==' : asText(operator, 'operator')),
);

export const textTests = {
  match: matches('match'),
  search: matches('search'),
  regex,
  lower: plugin('', (value) => printed(value) === printed(value).toLowerCase() && /\p{L}/u.test(printed(value))),
  upper: plugin('', (value) => printed(value) === printed(value).toUpperCase() && /\p{L}/u.test(printed(value))),
  version,
  version_compare: version,
  ...addressTests,
};
