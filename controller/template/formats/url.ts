import { Fault } from '../fault.ts';

/** A URL's parts under the names of Python's urlsplit(). */
export interface SplitUrl {
  readonly fragment: string;
  readonly hostname: string | null;
  readonly netloc: string;
  readonly password: string | null;
  readonly path: string;
  readonly port: number | null;
  readonly query: string;
  readonly scheme: string;
  readonly username: string | null;
}

/** Python's urlsplit(): RFC 3986's parts, of any text. */
export function splitUrl(text: string): SplitUrl {
  const [, scheme = '', netloc = '', path = '', query = '', fragment = ''] =
    /^(?:([A-Za-z][\w+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#([\s\S]*))?$/.exec(text.trim()) ?? [];
  const at = netloc.lastIndexOf('@');
  const login = at < 0 ? undefined : netloc.slice(0, at);
  const place = netloc.slice(at + 1);
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(place) ?? [];
  const host = bracketed ?? plain ?? '';
  const colon = login?.indexOf(':') ?? -1;
  if (port !== undefined && Number(port) > 65535) throw new Fault(`the port ${port} is above 65535`);
  return {
    fragment,
    hostname: host === '' ? null : host.toLowerCase(),
    netloc,
    password: login !== undefined && colon >= 0 ? login.slice(colon + 1) : null,
    path,
    port: port === undefined || port === '' ? null : Number(port),
    query,
    scheme: scheme.toLowerCase(),
    username: login === undefined ? null : colon < 0 ? login : login.slice(0, colon),
  };
}

/** Percent-encodes as Python's urllib quote() does. */
export function percent(text: string, safe: string): string {
  return encodeURIComponent(Buffer.from(text).toString()).replace(/[!'()*]|%2F/g, (part) => {
    if (part === '%2F') return safe.includes('/') ? '/' : part;
    return `%${part.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}
