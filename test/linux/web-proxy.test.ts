import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebRequest } from '../../agent/linux/host.ts';
import { askWeb } from '../../agent/linux/web/web.ts';
import { type ProxyVariables, proxyFor } from '../../agent/linux/web/web-proxy.ts';
import { createAuthority, mint } from '../../controller/connect/trust/authority.ts';

it.each<[string, string, ProxyVariables, string | undefined]>([
  ['http', 'http://vm01/', { http_proxy: 'http://p:1' }, 'http://p:1/'],
  ['http, without a scheme and in capitals', 'http://vm01/', { HTTP_PROXY: 'p:1' }, 'http://p:1/'],
  ['small letters before capitals', 'http://vm01/', { http_proxy: 'p:2', HTTP_PROXY: 'p:1' }, 'http://p:2/'],
  ['nothing in small letters', 'http://vm01/', { http_proxy: '', HTTP_PROXY: 'p:1' }, undefined],
  ['https by its own variable', 'https://vm01/', { http_proxy: 'p:1' }, undefined],
  ['https', 'https://vm01/', { https_proxy: 'https://me:it@p:1' }, 'https://me:it@p:1/'],
  ['an exempt host', 'http://vm01:80/', { http_proxy: 'p:1', no_proxy: 'a, VM01' }, undefined],
  ['an exempt domain', 'http://vm01.lab/', { http_proxy: 'p:1', NO_PROXY: '.lab' }, undefined],
  ['the end of a name, which is no domain', 'http://vmlab/', { http_proxy: 'p:1', no_proxy: 'lab' }, 'http://p:1/'],
  ['an exempt port', 'http://vm01:8080/', { http_proxy: 'p:1', no_proxy: 'vm01:8080' }, undefined],
  ['another port', 'http://vm01:8081/', { http_proxy: 'p:1', no_proxy: 'vm01:8080' }, 'http://p:1/'],
  ['all exempt', 'http://vm01/', { http_proxy: 'p:1', no_proxy: '*' }, undefined],
  ['no variables', 'http://vm01/', {}, undefined],
])('%s', (_, url, variables, proxy) => {
  expect(proxyFor(new URL(url), variables)?.href).toBe(proxy);
});

describe('through a proxy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orch-web-proxy-'));
  const caFile = join(folder, 'ca.pem');
  const servers: Server[] = [];
  /** What the proxy was asked, a line each. */
  let asked: string[] = [];
  const port = (server: Server) => (server.address() as AddressInfo).port;
  const listen = async (server: Server) => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return port(server);
  };
  let plain = 0;
  let secure = 0;
  let proxy = 0;

  beforeAll(async () => {
    const authority = await createAuthority('test');
    const own = await mint(authority, 'server', 'localhost');
    writeFileSync(caFile, authority.certificate);
    const echo = ({ url, headers }: IncomingMessage) => `${url} ${headers.host} ${headers['proxy-authorization']}`;
    plain = await listen(createServer((message, response) => response.end(echo(message))));
    secure = await listen(
      createSecureServer({ key: own.key, cert: own.certificate }, (message, response) => response.end(echo(message))),
    );
    const serving = createServer((message, response) => {
      asked.push(`${message.method} ${message.url} ${message.headers['proxy-authorization']}`);
      const { 'proxy-authorization': _, ...headers } = message.headers;
      request(message.url ?? '', { headers, method: message.method }, (got) => got.pipe(response)).end();
    });
    serving.on('connect', (message, socket) => {
      asked.push(`${message.method} ${message.url} ${message.headers['proxy-authorization']}`);
      if (message.url?.startsWith('refused:')) {
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
        return;
      }
      const [, to] = (message.url ?? '').split(':');
      const through = connect(Number(to), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        through.pipe(socket).pipe(through);
      });
      socket.on('error', () => through.destroy());
      through.on('error', () => socket.destroy());
    });
    proxy = await listen(serving);
  });
  afterAll(() => {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  });

  const ask = async (url: string, more: Partial<WebRequest> = {}) => {
    asked = [];
    const proxies = { http_proxy: `127.0.0.1:${proxy}`, https_proxy: `http://me:it%21@127.0.0.1:${proxy}` };
    const usual = {
      method: 'GET',
      headers: {},
      timeoutMs: 5000,
      limit: 65_536,
      follow: 'safe',
      insecure: false,
    } as const;
    const reply = await askWeb({ ...usual, url, proxies, caFile, ...more });
    return { status: reply.status, body: reply.body.toString() };
  };

  it('asks for the whole URL of a plain server', async () => {
    const url = `http://127.0.0.1:${plain}/x?y=z`;
    expect(await ask(url)).toEqual({ status: 200, body: `/x?y=z 127.0.0.1:${plain} undefined` });
    expect(asked).toEqual([`GET ${url} undefined`]);
  });

  it('tunnels to a server with TLS, whose certificate is checked, and tells it nothing of the proxy', async () => {
    const body = `/x localhost:${secure} undefined`;
    expect(await ask(`https://localhost:${secure}/x`)).toEqual({ status: 200, body });
    expect(asked).toEqual([`CONNECT localhost:${secure} Basic ${Buffer.from('me:it!').toString('base64')}`]);
    await expect(ask(`https://other.test:${secure}/x`)).rejects.toThrow("does not match certificate's altnames");
    await expect(ask(`https://localhost:${secure}/x`, { caFile: undefined })).rejects.toThrow('certificate');
    expect((await ask(`https://other.test:${secure}/x`, { insecure: true })).status).toBe(200);
  });

  it('says that the proxy refuses', async () => {
    await expect(ask('https://refused/')).rejects.toThrow('https://refused/: Tunnel connection failed: 403 Forbidden');
  });

  it('leaves the proxy alone for hosts that are exempt', async () => {
    const proxies = { http_proxy: 'http://127.0.0.1:1', no_proxy: '127.0.0.1' };
    expect((await ask(`http://127.0.0.1:${plain}/x`, { proxies })).status).toBe(200);
    await expect(ask(`http://localhost:${plain}/x`, { proxies })).rejects.toThrow('Connection refused');
  });
});
