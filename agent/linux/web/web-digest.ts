import { createHash, randomBytes } from 'node:crypto';
import type { WebRequest } from '../host.ts';

/** Who asks, as the request, its header of basic authentication or the URL says; undefined: nobody says. */
function loginOf({ url, headers, login }: WebRequest): readonly [string, string] | undefined {
  if (login !== undefined) return [login.user, login.password];
  const said = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  const [, coded] = /^Basic\s+(\S+)$/i.exec(said ?? '') ?? [];
  if (coded !== undefined) {
    const [user = '', ...password] = Buffer.from(coded, 'base64').toString('utf8').split(':');
    return [user, password.join(':')];
  }
  const { username, password } = new URL(url);
  return username === '' ? undefined : [decodeURIComponent(username), decodeURIComponent(password)];
}

const hashes: Readonly<Record<string, string>> = { MD5: 'md5', SHA: 'sha1', 'SHA-256': 'sha256' };

/**
 * The header that answers a challenge of Digest (RFC 7616) for a request that says who asks; undefined for another
 * challenge, or one that it has no answer to.
 */
export function digestAnswer(request: WebRequest, challenge: string): string | undefined {
  const [, asked] = /^Digest\s+(.*)$/is.exec(challenge) ?? [];
  const login = loginOf(request);
  if (asked === undefined || login === undefined) return undefined;
  const pairs = [...asked.matchAll(/(\w+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s,]+))/g)];
  const said = Object.fromEntries(
    pairs.map(([, name = '', quoted, bare = '']) => [name.toLowerCase(), quoted ?? bare]),
  );
  const { realm = '', nonce = '', algorithm = 'MD5', qop, opaque } = said;
  const hash = hashes[algorithm.toUpperCase()];
  if (hash === undefined) return undefined;
  const sum = (...parts: readonly string[]) => createHash(hash).update(parts.join(':')).digest('hex');
  const { pathname, search } = new URL(request.url);
  const uri = `${pathname}${search}`;
  const cnonce = randomBytes(8).toString('hex');
  const use = qop === undefined ? [] : ['00000001', cnonce, 'auth'];
  const response = sum(sum(login[0], realm, login[1]), nonce, ...use, sum(request.method, uri));
  const words = { username: login[0], realm, nonce, uri, response, ...(opaque === undefined ? {} : { opaque }) };
  const quoted = Object.entries(words).map(([name, value]) => `${name}="${value}"`);
  const bare = qop === undefined ? [] : ['qop=auth', 'nc=00000001', `cnonce="${cnonce}"`];
  return `Digest ${[...quoted, `algorithm=${algorithm}`, ...bare].join(', ')}`;
}
