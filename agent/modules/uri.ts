import { unescape as withoutEscapes } from 'node:querystring';
import { OrchError } from '../../proto/errors.ts';
import { readDataJson } from '../../proto/exact-json.ts';
import type { Host, WebReply, WebRequest } from '../linux/host.ts';
import { defineRunModule } from './module.ts';
import { ownerAliases } from './shared/files/owner.ts';
import { baseName, joined, tidy } from './shared/files/path.ts';
import { type Placed, placedPlan, readPlaced } from './shared/files/placed.ts';
import { taskFailed } from './shared/programs.ts';
import { contentOf } from './shared/uri-body.ts';
import { type UriParams, uriParams } from './shared/uri-params.ts';
import { namedBy, webOptions } from './shared/web.ts';

/** An answer is in a result once as text and perhaps once as JSON, and must fit into one message. */
const longestAnswer = 8 * 1024 * 1024;

async function skipped({ creates, removes }: UriParams, host: Host): Promise<string | undefined> {
  if (creates !== undefined && (await host.stat(creates)) !== undefined) return `skipped, since '${creates}' exists`;
  if (removes !== undefined && (await host.stat(removes)) === undefined)
    return `skipped, since '${removes}' does not exist`;
  return undefined;
}

const followed = { all: 'all', yes: 'all', safe: 'safe', urllib2: 'urllib2', none: 'none', no: 'none' } as const;

/** The answer as text, in the charset that it says it has. */
function textOf({ headers, body }: WebReply): string {
  const [, charset = 'utf-8'] = /;\s*charset="?([^\s";]+)/i.exec(String(headers['content-type'] ?? '')) ?? [];
  try {
    return new TextDecoder(charset, { ignoreBOM: true }).decode(body);
  } catch {
    // Nobody knows that charset.
    return body.toString('utf8');
  }
}

/** The answer as JSON where its type says so; undefined where it is none. */
function jsonOf(reply: WebReply): unknown {
  if (!/^[^;]*[/+](?:x-)?(?:json|javascript)\b/i.test(String(reply.headers['content-type'] ?? ''))) return undefined;
  try {
    return readDataJson(textOf(reply));
  } catch {
    return undefined;
  }
}

/** What the answer sets: names with values, and both as a request says them. */
function cookiesOf({ headers }: WebReply): { cookies: Readonly<Record<string, string>>; cookies_string: string } {
  const pairs = [headers['set-cookie'] ?? []].flat().flatMap((cookie) => {
    const [, name, value] = /^\s*([^=;\s]+)=([^;]*)/.exec(cookie) ?? [];
    const [, end = ''] = /;\s*expires\s*=([^;]*)/i.exec(cookie) ?? [];
    const [, age] = /;\s*max-age\s*=\s*(-?\d+)/i.exec(cookie) ?? [];
    // So a server takes one back (RFC 6265, 5.3).
    const gone = age === undefined ? Date.parse(end) < Date.now() : Number(age) <= 0;
    return name === undefined || value === undefined || gone ? [] : [[name, value.trim()] as const];
  });
  return {
    cookies: Object.fromEntries(pairs),
    cookies_string: pairs.map(([name, value]) => `${name}=${value}`).join('; '),
  };
}

function about(
  params: UriParams,
  reply: WebReply,
  elapsed: number,
  isWanted: boolean,
): Readonly<Record<string, unknown>> {
  const headers = Object.entries(reply.headers).map(([name, value]) => {
    return [name.replaceAll('-', '_'), Array.isArray(value) ? value.join(', ') : value];
  });
  const { location } = reply.headers;
  const json = jsonOf(reply);
  return {
    ...Object.fromEntries(headers),
    ...(typeof location === 'string' && URL.canParse(location, reply.url)
      ? { location: new URL(location, reply.url).href }
      : {}),
    ...{ url: reply.url, status: reply.status, redirected: reply.url !== params.url, elapsed },
    ...cookiesOf(reply),
    ...(json === undefined ? {} : { json }),
    ...(params.return_content ? { content: textOf(reply) } : {}),
    ...(reply.status >= 300 && isWanted && !params.return_content ? { body: textOf(reply) } : {}),
  };
}

function verdict(wanted: readonly number[], status: number, why: string): { failed: boolean; message: string } {
  const failed = !wanted.includes(status);
  return { failed, message: failed ? `Status code was ${status} and not [${wanted.join(', ')}]: ${why}` : why };
}

/** What Python says of an answer. */
function wordsOf({ status, reason, headers }: WebReply): string {
  if (status >= 300) return `HTTP Error ${status}: ${reason}`;
  return `OK (${String(headers['content-length'] ?? 'unknown')} bytes)`;
}

/** Where the answer goes: a file, or a folder whose file only the answer names; undefined: none is asked for. */
async function placeOf(params: UriParams, host: Host): Promise<Placed | string | undefined> {
  if (params.dest === undefined) return undefined;
  const dest = tidy(params.dest);
  const folder = params.dest.endsWith('/') || (await host.stat(`${dest}/.`))?.kind === 'directory';
  return folder ? dest : readPlaced(params, host, dest);
}

/** The file of an answer in a folder. */
async function placeIn(folder: string, { url, headers }: WebReply, params: UriParams, host: Host): Promise<Placed> {
  const name = namedBy(headers) || baseName(withoutEscapes(new URL(url).pathname)) || 'index.html';
  if (/^\.\.?$|\0/.test(name))
    throw taskFailed(
      `${JSON.stringify(name)}, as the answer of ${url} is called, is no name of a file.`,
      'Say the file in dest.',
    );
  return readPlaced(params, host, joined(folder, name));
}

/** Headers that ask for something newer than what is there, or past caches. */
function freshness({ force }: UriParams, place: Placed | string | undefined): Readonly<Record<string, string>> {
  if (force) return { 'cache-control': 'no-cache' };
  return typeof place === 'object' && place.state
    ? { 'if-modified-since': new Date(place.state.mtimeMs).toUTCString() }
    : {};
}

/** The answer, or why there was none: of status -1, as Ansible says it. */
async function answer(host: Pick<Host, 'web'>, request: WebRequest): Promise<WebReply | OrchError> {
  try {
    return await host.web(request);
  } catch (error) {
    if (error instanceof OrchError && error.code === 'command-failed') return error;
    throw error;
  }
}

export const module = defineRunModule({
  name: 'uri',
  asUser: true,
  form: 'run',
  checkMode: 'skip',
  summary: 'Asks a web server of the host, and looks at the answer.',
  notes:
    'The result has status, the headers with "_" for "-", `json` where the answer is JSON, `content` where it was asked for.',
  examples: [
    'uri:\n  url: http://127.0.0.1:9090/-/ready',
    'uri:\n  url: https://example.org/api/hosts\n  method: POST\n  body_format: json\n  body: { name: vm01 }\n  status_code: [200, 201]',
  ],
  aliases: { user: 'url_username', password: 'url_password', ...ownerAliases },
  tellsFile: true,
  params: uriParams,
  async run(params, host, context) {
    const reason = await skipped(params, host);
    if (reason !== undefined)
      return { changed: false, message: reason, result: { stdout: reason, stdout_lines: [reason] } };
    const place = await placeOf(params, host);
    const { body, type } = await contentOf(params, host);
    const options = await webOptions(params, params.url, host);
    const typed = Object.keys(options.headers).some((name) => name.toLowerCase() === 'content-type');
    const length = body === undefined ? {} : { 'content-length': String(body.length) };
    const began = performance.now();
    const reply = await answer(host, {
      ...options,
      headers: {
        ...(body === undefined || typed ? {} : { 'content-type': type }),
        ...length,
        ...freshness(params, place),
        ...options.headers,
      },
      url: params.url,
      method: params.method.toUpperCase(),
      body,
      timeoutMs: params.timeout * 1000,
      limit: place === undefined ? longestAnswer : undefined,
      follow: followed[params.follow_redirects],
      socketPath: params.unix_socket,
      signal: context.signal,
    });
    const elapsed = Math.floor((performance.now() - began) / 1000);
    const wanted = [params.status_code].flat();
    if (reply instanceof OrchError) {
      const result = { url: params.url, status: -1, redirected: false, elapsed };
      return { changed: false, ...verdict(wanted, -1, reply.summary), result };
    }
    const said = verdict(wanted, reply.status, wordsOf(reply));
    const result = about(params, reply, elapsed, !said.failed);
    if (place === undefined || (said.failed && reply.status !== 304)) return { changed: false, ...said, result };
    const file = typeof place === 'string' ? await placeIn(place, reply, params, host) : place;
    const { path } = file;
    if (reply.status === 304) return { changed: false, ...said, result: { ...result, path } };
    const plan = placedPlan({ ...params, backup: false }, { ...file, wanted: reply.large ?? reply.body });
    return { changed: false, ...said, result: { ...result, path }, plan };
  },
});
