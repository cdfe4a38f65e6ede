import { createHash } from 'node:crypto';
import { asInteger, asText, printed } from '../coerce.ts';
import { truth } from '../compare.ts';
import { Fault } from '../fault.ts';
import { pythonJson } from '../json.ts';
import { mapEntries } from '../mapping.ts';
import { plugin } from '../plugin.ts';
import { isList, isMapping } from '../values.ts';

const digest = (value: unknown, algorithm: string): string =>
  createHash(algorithm).update(printed(value)).digest('hex');

const algorithms = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];

function hash(value: unknown, algorithm: string): string {
  if (algorithms.includes(algorithm)) return digest(value, algorithm);
  throw new Fault(`there is no hash '${algorithm}'`, { hint: `one of ${algorithms.join(', ')}` });
}

/** Percent-encodes as Python's urllib quote() does. */
const percent = (text: string, safe: string): string =>
  encodeURIComponent(Buffer.from(text).toString()).replace(/[!'()*]|%2F/g, (part) => {
    if (part === '%2F') return safe.includes('/') ? '/' : part;
    return `%${part.charCodeAt(0).toString(16).toUpperCase()}`;
  });

function urlEncode(value: unknown): string {
  const pairs = isMapping(value) ? mapEntries(value) : isList(value) ? value : undefined;
  if (!pairs) return percent(printed(value), '/');
  return pairs
    .map((pair) => {
      if (!isList(pair) || pair.length !== 2) throw new Fault("filter 'urlencode' needs text, a dict or pairs");
      return pair.map((part) => percent(printed(part), '').replaceAll('%20', '+')).join('=');
    })
    .join('&');
}

function decodeBase64(text: string): string {
  const compact = text.replace(/\s/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact) || compact.length % 4 !== 0) throw new Fault('the text is not base64');
  return Buffer.from(compact, 'base64').toString('utf8');
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Fault(`the text is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
}

const sha1 = plugin('', (value) => digest(value, 'sha1'));
const toJson = plugin('indent?, sort_keys?, ensure_ascii?, **options', (value, [indent, sort, ascii]) =>
  pythonJson(value, {
    indent: indent === undefined || indent === null ? undefined : asInteger(indent, 'indent'),
    sortKeys: truth(sort ?? false),
    ascii: truth(ascii ?? true),
  }),
);

export const encodingFilters = {
  b64encode: plugin('encoding?', (value) => Buffer.from(printed(value)).toString('base64')),
  b64decode: plugin('encoding?', (value) => decodeBase64(asText(value, 'value'))),
  hash: plugin('hashtype?', (value, [algorithm]) => hash(value, asText(algorithm ?? 'sha1', 'hashtype'))),
  sha1,
  checksum: sha1,
  md5: plugin('', (value) => digest(value, 'md5')),
  urlencode: plugin('', urlEncode),
  urldecode: plugin('', (value) => {
    try {
      return decodeURIComponent(printed(value).replaceAll('+', ' '));
    } catch {
      throw new Fault('the text is not percent-encoded UTF-8');
    }
  }),
  to_json: toJson,
  tojson: toJson,
  to_nice_json: plugin('indent?, sort_keys?, ensure_ascii?, **options', (value, [indent, sort, ascii]) =>
    pythonJson(value, {
      indent: asInteger(indent ?? undefined, 'indent', 4),
      sortKeys: truth(sort ?? true),
      ascii: truth(ascii ?? true),
    }),
  ),
  from_json: plugin('**options', (value) => fromJson(asText(value, 'value'))),
};
