import { Fault } from '../fault.ts';
import { addressTests } from '../formats/address-tests.ts';
import { type SplitUrl, splitUrl } from '../formats/url.ts';
import { compareVersions } from '../formats/version.ts';
import { plugin } from '../plugin.ts';
import { asText, printed } from '../python/coerce.ts';
import { contains, truth } from '../python/compare.ts';
import { findFirst } from '../python/regex.ts';

type Where = 'match' | 'search' | 'fullmatch';

const matches = (where: Where) =>
  plugin('pattern?, ignorecase?, multiline?', (value, [pattern, ignoreCase, multiline]) => {
    const flags = { ignoreCase: truth(ignoreCase ?? false), multiline: truth(multiline ?? false) };
    return findFirst(asText(pattern ?? '', 'pattern'), printed(value), flags, where) !== undefined;
  });

const regex = plugin(
  'pattern?, ignorecase?, multiline?, match_type?',
  (value, [pattern, ignoreCase, multiline, kind]) => {
    const where = kind ?? 'search';
    if (where !== 'match' && where !== 'search' && where !== 'fullmatch') {
      throw new Fault(`match_type must be 'match', 'search' or 'fullmatch', not '${printed(where)}'`);
    }
    const flags = { ignoreCase: truth(ignoreCase ?? false), multiline: truth(multiline ?? false) };
    return findFirst(asText(pattern ?? '', 'pattern'), printed(value), flags, where) !== undefined;
  },
);

const version = plugin('version, operator?, strict?, version_type?', (value, [other, operator, strict, type]) => {
  const chosen = type === undefined || type === null ? undefined : asText(type, 'version_type');
  if (chosen !== undefined && strict !== undefined && strict !== null) {
    throw new Fault("'strict' and 'version_type' exclude each other");
  }
  if (!truth(value)) throw new Fault('the version value cannot be empty');
  if (!truth(other)) throw new Fault('the version to compare against cannot be empty');
  const kind = chosen ?? (truth(strict ?? false) ? 'strict' : 'loose');
  return compareVersions(printed(value), printed(other), asText(operator ?? 'eq', 'operator'), kind);
});

/** A test of a URL's parts; the second argument tells whether its scheme is one of those that were asked for. */
const address = (holds: (url: SplitUrl, known: boolean) => boolean) =>
  plugin('schemes?', (value, [schemes]) => {
    if (typeof value !== 'string') return false;
    const url = splitUrl(value);
    return holds(url, !truth(schemes ?? null) || contains(schemes, url.scheme));
  });

export const textTests = {
  match: matches('match'),
  search: matches('search'),
  regex,
  lower: plugin('', (value) => printed(value) === printed(value).toLowerCase() && /\p{L}/u.test(printed(value))),
  upper: plugin('', (value) => printed(value) === printed(value).toUpperCase() && /\p{L}/u.test(printed(value))),
  abs: plugin('', (value) => asText(value, 'value').startsWith('/')),
  is_abs: plugin('', (value) => asText(value, 'value').startsWith('/')),
  uri: address((_, scheme) => scheme),
  url: address(({ netloc, scheme }, known) => known && (netloc !== '' || scheme === 'file')),
  urn: plugin('', (value) => typeof value === 'string' && splitUrl(value).scheme === 'urn'),
  escaped: plugin('', () => false),
  version,
  version_compare: version,
  ...addressTests,
};
