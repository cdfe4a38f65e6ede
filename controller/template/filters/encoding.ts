import { createHash, getHashes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { decode, EncodingProblem, encode } from '../../../proto/encoding.ts';
import { Fault } from '../fault.ts';
import { hashPassword, newSalt } from '../formats/password-hash.ts';
import { plugin } from '../plugin.ts';
import { asInteger, asList, asText, printed } from '../python/coerce.ts';
import { truth } from '../python/compare.ts';
import { type JsonLayout, pythonJson } from '../python/json.ts';
import { readJson } from '../python/json-reader.ts';

const digest = (value: unknown, algorithm: string): string =>
  createHash(algorithm).update(printed(value)).digest('hex');

/** Names of Python's hashlib that OpenSSL has others for. */
const hashNames: Readonly<Record<string, string>> = { blake2b: 'blake2b512', blake2s: 'blake2s256' };

/** What OpenSSL hashes by, but for signatures and what has no length of its own. */
const algorithms = (): readonly string[] =>
  getHashes().filter((name) => !/^(?:rsa|id|shake|ssl3|ripemd$|rmd|md5-)|with/i.test(name));

function hash(value: unknown, algorithm: string): string {
  const name = algorithm
    .toLowerCase()
    .replace(/_/g, '-')
    .replace(/^sha-(?=\d)/, 'sha');
  const known = hashNames[name] ?? name;
  if (algorithms().includes(known)) return digest(value, known);
  throw new Fault(`unsupported hash type ${algorithm}`, {
    hint: 'such as md5, sha1, sha256, sha512, sha3_256 or blake2b',
  });
}

/** Runs what goes by an encoding, `utf-8` where none is given; the value is at fault where it can't. */
function inEncoding<T>(given: unknown, work: (encoding: string) => T): T {
  try {
    return work(asText(given ?? 'utf-8', 'encoding'));
  } catch (error) {
    if (error instanceof EncodingProblem) throw new Fault(error.message);
    throw error;
  }
}

const ansibleNamespace = '361E6D51-FAEC-444A-9079-341386DA8E2E';

/** RFC 9562's UUID of version 5: a name's SHA-1 in a namespace. */
function uuid5(namespace: string, name: string): string {
  const hex = namespace.replaceAll('-', '');
  if (!/^[\da-f]{32}$/i.test(hex)) throw new Fault(`Invalid value '${namespace}' for the namespace: it must be a UUID`);
  const bytes = createHash('sha1').update(Buffer.from(hex, 'hex')).update(name).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function decodeBase64(text: string, encoding: unknown): string {
  // As Python's b64decode: characters of no digit are passed over, but the padding must be there.
  const [, digits = '', padding = ''] = /^([^=]*)(=*)/.exec(text.replace(/[^A-Za-z0-9+/=]/g, '')) ?? [];
  const lacking = (4 - (digits.length % 4)) % 4;
  if (lacking === 3 || padding.length < lacking) throw new Fault('the text is not base64');
  const bytes = Buffer.from(digits, 'base64');
  return inEncoding(encoding, (name) => decode(bytes, name, { fatal: false }));
}

const sha1 = plugin('', (value) => digest(value, 'sha1'));
/** What json.dumps and Ansible take besides, and what changes nothing here. */
const otherJsonOptions: ReadonlySet<string> = new Set(
  'skipkeys check_circular allow_nan cls default separators vault_to_text preprocess_unsafe profile'.split(' '),
);

/** `separators` of json.dumps: a pair of texts. */
function separatorsOf(options: ReadonlyMap<string, unknown>): Pick<JsonLayout, 'separators'> {
  const unknown = [...options.keys()].find((name) => !otherJsonOptions.has(name));
  if (unknown !== undefined) throw new Fault(`JSON is made with no '${unknown}'`);
  const given = options.get('separators') ?? null;
  if (given === null) return {};
  const [element, key] = asList(given);
  return { separators: [asText(element, 'separators'), asText(key, 'separators')] };
}

function levelOf(indent: unknown): JsonLayout['indent'] {
  if (indent === undefined || indent === null) return undefined;
  return typeof indent === 'string' ? indent : asInteger(indent, 'indent');
}

/** Jinja2's `tojson`: with sorted keys, and nothing in it that HTML would read as its own. */
const jinjaJson = { sortKeys: true, ascii: true };
const htmlSafe = (json: string): string =>
  json.replace(/[<>&']/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);

const toJson = plugin('indent?, sort_keys?, ensure_ascii?, **options', (value, [indent, sort, ascii, options]) =>
  pythonJson(value, {
    ...separatorsOf(options as ReadonlyMap<string, unknown>),
    indent: levelOf(indent),
    sortKeys: truth(sort ?? false),
    ascii: truth(ascii ?? true),
  }),
);

export const encodingFilters = {
  b64encode: plugin('encoding?, urlsafe?', (value, [encoding, urlSafe]) => {
    const text = inEncoding(encoding, (name) => encode(printed(value), name)).toString('base64');
    return truth(urlSafe ?? false) ? text.replaceAll('+', '-').replaceAll('/', '_') : text;
  }),
  b64decode: plugin('encoding?, urlsafe?', (value, [encoding, urlSafe]) => {
    const text = asText(value, 'value');
    return decodeBase64(truth(urlSafe ?? false) ? text.replaceAll('-', '+').replaceAll('_', '/') : text, encoding);
  }),
  password_hash: plugin('hashtype?, salt?, salt_size?, rounds?, ident?', (value, [kind, salt, size, rounds, ident]) => {
    const name = asText(kind ?? 'sha512', 'hashtype');
    const length = size === undefined || size === null ? undefined : asInteger(size, 'salt_size');
    const given = truth(salt ?? false) ? printed(salt) : newSalt(name, length);
    const count = rounds === undefined || rounds === null ? undefined : asInteger(rounds, 'rounds');
    const version = ident === undefined || ident === null ? undefined : asText(ident, 'ident');
    return hashPassword(printed(value), name, { salt: given, rounds: count, ident: version });
  }),
  to_uuid: plugin('namespace?', (value, [namespace]) => uuid5(printed(namespace ?? ansibleNamespace), printed(value))),
  hash: plugin('hashtype?', (value, [algorithm]) => hash(value, asText(algorithm ?? 'sha1', 'hashtype'))),
  sha1,
  checksum: sha1,
  md5: plugin('', (value) => digest(value, 'md5')),
  crc32: plugin('', (value) => crc32(printed(value)).toString(16)),
  to_json: toJson,
  tojson: plugin('indent?', (value, [indent]) =>
    htmlSafe(pythonJson(value, { ...jinjaJson, indent: levelOf(indent) })),
  ),
  to_nice_json: plugin('indent?, sort_keys?, ensure_ascii?, **options', (value, [indent, sort, ascii, options]) =>
    pythonJson(value, {
      // Its own, whatever is asked for.
      ...separatorsOf(options as ReadonlyMap<string, unknown>),
      separators: [',', ': '],
      indent: levelOf(indent === undefined ? 4 : indent),
      sortKeys: truth(sort ?? true),
      ascii: truth(ascii ?? true),
    }),
  ),
  from_json: plugin('**options', (value) => readJson(asText(value, 'value'))),
};
