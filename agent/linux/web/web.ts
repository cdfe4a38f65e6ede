import { readFileSync } from 'node:fs';
import {
  type ClientRequest,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { pipeline, type Transform } from 'node:stream';
import { connect } from 'node:tls';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { OrchError } from '../../../proto/errors.ts';
import { basicHeader } from '../../../proto/login.ts';
import { type Chunks, joined, upTo } from '../files/chunks.ts';
import { isLarge } from '../files/large-content.ts';
import type { Keep } from '../files/spool.ts';
import type { WebReply, WebRequest } from '../host.ts';
import { digestAnswer } from './web-digest.ts';
import { bareHost, proxyFor, proxyOptions, requestTo, tunnelTo } from './web-proxy.ts';

/** More redirects than browsers follow (Fetch Standard, HTTP-redirect fetch). */
const mostRedirects = 20;
const tooLate = new Error('no answer in time');

/**
 * Asks a web server, and follows where it points as far as it is told to. Any status is an answer. Throws OrchError
 * 'command-failed' where there is none within the deadline, or a larger one than `limit`.
 */
export async function askWeb(request: WebRequest, keep: Keep = joined): Promise<WebReply> {
  const patience = new Patience(request);
  let { url, method, body } = request;
  let { headers, login } = request;
  for (let redirects = 0; ; redirects++) {
    const reply = await answered({ ...request, url, method, body, headers, login }, patience, keep);
    const target = followed(reply, method, request.follow) ? reply.headers.location : undefined;
    if (target === undefined || redirects === mostRedirects) return { ...reply, url };
    if (!URL.canParse(target, url))
      throw failed({ ...request, url }, patience.signal, `it leads to ${JSON.stringify(target)}, which is no URL`);
    const next = new URL(target, url);
    // What proves who asks is for the server that was named.
    headers = without(headers, request.unredirected ?? []);
    if (next.origin !== new URL(url).origin) [headers, login] = [without(headers, secrets), undefined];
    url = next.href;
    if (becomesGet(reply.status, method)) {
      method = 'GET';
      body = undefined;
      headers = without(headers, ofBody);
    }
  }
}

/** Ends a request when its own signal does, or when nothing came for its time. */
class Patience {
  readonly signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;

  constructor({ signal, timeoutMs }: WebRequest) {
    const deadline = new AbortController();
    this.#timer = setTimeout(() => deadline.abort(tooLate), timeoutMs).unref();
    this.signal = signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal]);
  }

  /** The chunks as they come, each of which begins the time anew. */
  async *with(chunks: Chunks): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#timer.refresh();
      yield chunk;
    }
  }
}

function followed({ status }: Reply, method: string, follow: WebRequest['follow']): boolean {
  if (![301, 302, 303, 307, 308].includes(status) || follow === 'none') return false;
  if (follow === 'urllib2' && method === 'POST') return status < 304;
  return follow === 'all' || method === 'GET' || method === 'HEAD';
}

/** What browsers made of these, and Ansible's modules with them: what the new place is asked no longer has a body. */
function becomesGet(status: number, method: string): boolean {
  if (method === 'HEAD') return false;
  return status === 302 || status === 303 || (status === 301 && method === 'POST');
}

/** Headers that say what a request's body is. */
const ofBody = ['content-length', 'content-type', 'transfer-encoding'];

/** Headers that prove who asks. */
const secrets = ['authorization', 'cookie', 'proxy-authorization'];

type Headers = Readonly<Record<string, string>>;

function without(headers: Headers, names: readonly string[]): Headers {
  const gone = new Set(names.map((name) => name.toLowerCase()));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !gone.has(name.toLowerCase())));
}

type Reply = Omit<WebReply, 'url'> & { readonly headers: IncomingHttpHeaders };

/** The answer; that to the same request with the proof that the server wants to see, where it asks for one. */
async function answered(request: WebRequest, patience: Patience, keep: Keep): Promise<Reply> {
  const reply = await once(request, patience, keep);
  const challenge = reply.status === 401 ? reply.headers['www-authenticate'] : undefined;
  const authorization =
    challenge === undefined ? undefined : (digestAnswer(request, challenge) ?? basicAnswer(request, challenge));
  if (authorization === undefined) return reply;
  return once(
    { ...request, headers: { ...without(request.headers, ['authorization']), authorization } },
    patience,
    keep,
  );
}

/** The header that answers a challenge of Basic with the login; undefined without one, or for another challenge. */
function basicAnswer({ login }: WebRequest, challenge: string): string | undefined {
  return login !== undefined && /(?:^|,\s*)Basic\b/i.test(challenge) ? basicHeader(login) : undefined;
}

async function once(request: WebRequest, patience: Patience, keep: Keep): Promise<Reply> {
  const { signal } = patience;
  try {
    return await received(await sent(request, signal), request, patience, keep);
  } catch (error) {
    throw failed(request, signal, error);
  }
}

async function sent(request: WebRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { method, body, socketPath, proxies = {} } = request;
  const url = new URL(request.url);
  const proxy = socketPath === undefined ? proxyFor(url, proxies) : undefined;
  // A connection that is kept may be closed by the server just as it is used again.
  const headers = { 'accept-encoding': 'identity', ...request.headers };
  const options: RequestOptions = {
    method,
    headers,
    signal,
    agent: false,
    ...(socketPath === undefined ? {} : { socketPath }),
  };
  const asked =
    url.protocol === 'https:'
      ? await secured(request, options, proxy, signal)
      : proxy === undefined
        ? httpRequest(url, options)
        : throughProxy(url, options, proxy, signal);
  return new Promise((resolve, reject) => {
    asked.on('error', reject);
    asked.on('response', resolve);
    asked.end(body);
  });
}

/** Over the connection that the proxy makes, where there is one. */
async function secured(request: WebRequest, options: RequestOptions, proxy: URL | undefined, signal: AbortSignal) {
  const url = new URL(request.url);
  const trust = { rejectUnauthorized: !request.insecure, ...credentials(request) };
  if (proxy === undefined) return httpsRequest(url, { ...options, ...trust });
  const socket = await tunnelTo(url, proxy, signal);
  const host = bareHost(url);
  const createConnection = () => connect({ ...trust, socket, host, servername: isIP(host) === 0 ? host : '' });
  // Only without an agent is it asked for a connection.
  return httpsRequest(url, { ...options, agent: undefined, createConnection });
}

/** A proxy gets the whole URL (RFC 9112, section 3.2.2), without who asks its server. */
function throughProxy(url: URL, options: RequestOptions, proxy: URL, signal: AbortSignal): ClientRequest {
  const { headers: own, ...to } = proxyOptions(proxy, signal);
  const basic =
    url.username === '' ? {} : { auth: `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` };
  const headers = { ...options.headers, ...own, host: url.host };
  return requestTo(proxy)({ ...options, ...to, ...basic, path: `${url.origin}${url.pathname}${url.search}`, headers });
}

/** Who is trusted, and who asks; one file may hold the client's certificate and its key. */
function credentials({ caFile, certFile, keyFile, ciphers }: WebRequest) {
  return {
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
    ...(certFile === undefined ? {} : { cert: readFileSync(certFile), key: readFileSync(keyFile ?? certFile) }),
    ...(ciphers === undefined ? {} : { ciphers }),
  };
}

async function received(
  response: IncomingMessage,
  { limit, asPacked }: WebRequest,
  patience: Patience,
  keep: Keep,
): Promise<Reply> {
  const { statusCode: status = 0, statusMessage: reason = '', headers } = response;
  const unpack = asPacked ? undefined : unpacking[headers['content-encoding'] ?? '']?.();
  const chunks = unpack === undefined ? response : unpacked(response, unpack);
  const beyond = () => new Error(`the answer is larger than ${limit} bytes`);
  const content = await (limit === undefined ? keep(patience.with(chunks)) : joined(upTo(chunks, limit, beyond)));
  const reply = { status, reason, headers };
  return isLarge(content) ? { ...reply, body: Buffer.alloc(0), large: content } : { ...reply, body: content };
}

/** By what a Content-Encoding is undone. */
const unpacking: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** An answer without a body has nothing to unpack. */
async function* unpacked(packed: IncomingMessage, unpack: Transform): AsyncGenerator<Uint8Array> {
  let pieces = 0;
  let empty = false;
  const counted = async function* () {
    for await (const chunk of packed) {
      pieces += 1;
      yield chunk;
    }
    empty = pieces === 0;
  };
  try {
    yield* pipeline(counted, unpack, () => undefined);
  } catch (error) {
    if (!empty) throw error;
  }
}

/** What the C library says of them; Node has nothing to say where it tried several addresses. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
  ENOTFOUND: 'Name or service not known',
  ETIMEDOUT: 'Connection timed out',
};

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return reasons[(cause as NodeJS.ErrnoException).code ?? ''] ?? cause.message;
}

function failed({ url, timeoutMs }: WebRequest, signal: AbortSignal, cause: unknown): OrchError {
  const why = signal.reason === tooLate ? `no answer within ${timeoutMs / 1000} s` : reasonOf(cause);
  // A URL may hold a password.
  const shown = url.replace(/\/\/[^/?#]*@/, '//');
  return new OrchError({ code: 'command-failed', summary: `Request failed: ${shown}: ${why}`, cause });
}
