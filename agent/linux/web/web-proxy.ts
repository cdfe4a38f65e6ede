import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { basicHeader } from '../../../proto/login.ts';

/** Variables that name proxies, and hosts that are asked past them: http_proxy, https_proxy and no_proxy. */
export type ProxyVariables = Readonly<Record<string, string | undefined>>;

/** A variable under its name, which wins, or in capitals, as Python's urllib reads them. */
function named(variables: ProxyVariables, name: string): string {
  return (variables[name] ?? variables[name.toUpperCase()] ?? '').trim();
}

/** Whether no_proxy has the host, or a domain that it is in; "*" has all. */
function isExempt({ host, hostname }: URL, variables: ProxyVariables): boolean {
  const names = named(variables, 'no_proxy').toLowerCase().split(',');
  return names
    .map((name) => name.trim().replace(/^\.+/, ''))
    .filter((name) => name !== '')
    .some((name) => name === '*' || [host, hostname].some((one) => one === name || one.endsWith(`.${name}`)));
}

/** The proxy that a URL is asked through; undefined: none. Throws TypeError where a variable is no URL. */
export function proxyFor(url: URL, variables: ProxyVariables): URL | undefined {
  const proxy = named(variables, url.protocol === 'https:' ? 'https_proxy' : 'http_proxy');
  if (proxy === '' || isExempt(url, variables)) return undefined;
  return new URL(/^[a-z]+:\/\//i.test(proxy) ? proxy : `http://${proxy}`);
}

/** The host of a URL; an IPv6 address has brackets there, and none here. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** Where a request to a proxy goes, and what proves who asks it. */
export function proxyOptions(proxy: URL, signal: AbortSignal) {
  const login = { user: decodeURIComponent(proxy.username), password: decodeURIComponent(proxy.password) };
  const headers: Readonly<Record<string, string>> =
    proxy.username === '' ? {} : { 'proxy-authorization': basicHeader(login) };
  return { hostname: bareHost(proxy), port: proxy.port, headers, signal, agent: false as const };
}

/** What asks a proxy: most of those for https: URLs are asked without TLS themselves. */
export function requestTo(proxy: URL): typeof httpRequest {
  return proxy.protocol === 'https:' ? httpsRequest : httpRequest;
}

/** A connection to the server of an https: URL through the proxy (RFC 9110, section 9.3.6). */
export function tunnelTo(url: URL, proxy: URL, signal: AbortSignal): Promise<Socket> {
  const path = `${url.hostname}:${url.port || 443}`;
  const { headers, ...options } = proxyOptions(proxy, signal);
  return new Promise((resolve, reject) => {
    const sent = requestTo(proxy)({ ...options, method: 'CONNECT', path, headers: { ...headers, host: path } });
    const refused = ({ statusCode, statusMessage }: IncomingMessage) =>
      reject(new Error(`Tunnel connection failed: ${statusCode} ${statusMessage}`));
    sent.on('error', reject);
    sent.on('response', refused);
    sent.on('connect', (response: IncomingMessage, socket: Socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      refused(response);
    });
    sent.end();
  });
}
