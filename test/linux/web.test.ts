import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WebRequest } from '../../agent/linux/host.ts';
import { askWeb } from '../../agent/linux/web/web.ts';

/** What the server says to each path, and what it was asked with. */
const answers: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  '/plain': (_, response) => response.end('plain'),
  '/zipped': (_, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync('zipped')),
  '/bomb': (_, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(1 << 20))),
  '/moved': (_, response) => response.writeHead(301, { location: '/echo' }).end(),
  '/away': (_, response) => response.writeHead(302, { location: `http://localhost:${port(other)}/echo` }).end(),
  '/found': (_, response) => response.writeHead(302, { location: '/headers' }).end(),
  '/headers': ({ method, headers }, response) => response.end(`${method} ${Object.keys(headers)}`),
  '/kept': (_, response) => response.writeHead(307, { location: '/echo' }).end(),
  '/nowhere': (_, response) => response.writeHead(302, { location: 'http://[' }).end(),
  '/file': (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  '/round': (_, response) => response.writeHead(302, { location: '/round' }).end(),
  '/never': () => undefined,
  '/digest': ({ headers, url }, response) => {
    const { authorization = '' } = headers;
    const known =
      /^Digest username="me", realm="a b", nonce="n", uri="\/digest", response="([0-9a-f]{32})", opaque="o"/;
    const [, proof = ''] = known.exec(authorization) ?? [];
    const [, cnonce = ''] = /qop=auth, nc=00000001, cnonce="(\w+)"$/.exec(authorization) ?? [];
    const sum = (...parts: string[]) => createHash('md5').update(parts.join(':')).digest('hex');
    const right = sum(sum('me', 'a b', 'it:s'), 'n', '00000001', cnonce, 'auth', sum('GET', url ?? ''));
    if (proof === right) response.end('you');
    else
      response
        .writeHead(401, { 'www-authenticate': 'Digest realm="a b", nonce="n", qop="auth,auth-int", opaque="o"' })
        .end();
  },
  '/basic': ({ headers }, response) => {
    if (headers.authorization === `Basic ${btoa('me:it:s')}`) response.end('you');
    else response.writeHead(401, { 'www-authenticate': 'Basic realm="a b"' }).end();
  },
  '/echo': ({ method, headers }, response) => response.end(`${method} ${headers.authorization}`),
};

function serve(): Server {
  return createServer((request, response) => {
    const answer = answers[request.url ?? ''];
    if (answer === undefined) response.writeHead(404).end();
    else answer(request, response);
  });
}
const server = serve();
const other = serve();
const port = (one: Server) => (one.address() as AddressInfo).port;

beforeAll(async () => {
  for (const one of [server, other]) await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  for (const one of [server, other]) {
    one.closeAllConnections();
    one.close();
  }
});

const ask = (path: string, request: Partial<WebRequest> = {}) =>
  askWeb({
    ...{ url: `http://127.0.0.1:${port(server)}${path}`, method: 'GET', headers: { authorization: 'me' } },
    ...{ timeoutMs: 5000, limit: 65_536, follow: 'safe', insecure: false },
    ...request,
  });

test.each([
  ['an answer', '/plain', {}, 200, 'plain'],
  ['a packed answer', '/zipped', {}, 200, 'zipped'],
  ['a status of its own', '/nothing', {}, 404, ''],
  ['a redirect that is followed', '/moved', {}, 200, 'GET me'],
  ['a redirect that is not', '/moved', { follow: 'none' }, 301, ''],
  ['a redirect to another server, which is told no secrets', '/away', {}, 200, 'GET undefined'],
  ['a redirect of what changes something', '/moved', { method: 'POST' }, 301, ''],
  ['the same, followed: it becomes a question', '/moved', { method: 'POST', follow: 'all' }, 200, 'GET me'],
  [
    'a redirect without a header that it is not for',
    '/moved',
    { unredirected: ['Authorization'] },
    200,
    'GET undefined',
  ],
  [
    'what was found elsewhere is asked for without the body, and what is said of it',
    '/found',
    { method: 'PUT', follow: 'all', body: Buffer.from('x'), headers: { 'Content-Length': '1', 'content-type': 'a/b' } },
    200,
    'GET accept-encoding,host,connection',
  ],
  ['a packed answer as it is', '/zipped', { asPacked: true }, 200, gzipSync('zipped').toString()],
  ['what proves who asks by Digest', '/digest', { headers: { Authorization: `Basic ${btoa('me:it:s')}` } }, 200, 'you'],
  ['who asks, where the server wants to know it', '/digest', { login: { user: 'me', password: 'it:s' } }, 200, 'you'],
  ['the same in its plain form', '/basic', { login: { user: 'me', password: 'it:s' } }, 200, 'you'],
  [
    'nothing of that where it does not',
    '/echo',
    { headers: {}, login: { user: 'me', password: 'it:s' } },
    200,
    'GET undefined',
  ],
  ['a wrong password, once', '/basic', { login: { user: 'me', password: 'no' } }, 401, ''],
  ['the same with a wrong password', '/digest', { headers: { authorization: `Basic ${btoa('me:no')}` } }, 401, ''],
  ['a redirect that Python follows', '/moved', { method: 'POST', follow: 'urllib2' }, 200, 'GET me'],
  ['one that it does not', '/kept', { method: 'POST', follow: 'urllib2' }, 307, ''],
  ['one that keeps the method', '/kept', { method: 'POST', follow: 'all' }, 200, 'POST me'],
  ['a circle of redirects', '/round', {}, 302, ''],
] as const)('%s', async (_, path, request, status, body) => {
  const reply = await ask(path, request);
  expect([reply.status, reply.body.toString()]).toEqual([status, body]);
});

test.each([
  ['too large an answer', '/plain', { limit: 2 }, 'the answer is larger than 2 bytes'],
  ['a small one that unpacks to a large one', '/bomb', {}, 'Request failed'],
  ['no answer', '/never', { timeoutMs: 50 }, 'no answer within 0.05 s'],
  [
    'no server',
    '/plain',
    { url: 'http://me:secret@127.0.0.1:1/' },
    'Request failed: http://127.0.0.1:1/: Connection refused',
  ],
  [
    'no server, with a sign in the password',
    '/plain',
    { url: 'http://me:se@cret@127.0.0.1:1/' },
    'Request failed: http://127.0.0.1:1/: Connection refused',
  ],
  ['a redirect to what is no URL', '/nowhere', {}, '/nowhere: it leads to "http://[", which is no URL'],
  ['a redirect to a file', '/file', {}, 'Request failed: file:///etc/passwd: Protocol "file:" not supported'],
  [
    'no server under any of its addresses',
    '/plain',
    { url: 'http://localhost:1/' },
    'localhost:1/: Connection refused',
  ],
] as const)('%s fails', async (_, path, request, words) => {
  await expect(ask(path, request)).rejects.toThrow(words);
});
