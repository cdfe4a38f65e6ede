import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import type { Host, WebReply, WebRequest } from '../linux/host.ts';
import { defineRunModule } from './module.ts';
import { hostPath } from './shared/fields.ts';
import { webFields, webOptions, webUrl } from './shared/web.ts';

/** An answer is in a result once as text and perhaps once as JSON, and must fit into one message. */
const longestAnswer = 8 * 1024 * 1024;

const params = z.strictObject({
  url: webUrl.describe('What to ask for.'),
  method: z
    .string()
    .regex(/^[A-Za-z]+$/, 'is one word, like GET or POST')
    .default('GET')
    .describe('How to ask.'),
  body: z.unknown().optional().describe('What to send: text, or a mapping or list for body_format.'),
  body_format: z.enum(['raw', 'json', 'form-urlencoded']).default('raw').describe('How the body is written.'),
  src: hostPath.optional().describe('File of the host to send as body.'),
  remote_src: z.literal(true).default(true).describe('`src` is on the host.'),
  status_code: z
    .union([z.int(), z.array(z.int())])
    .default([200])
    .describe('Statuses that are no failure.'),
  return_content: z.boolean().default(false).describe('Give `content`, the text of the answer.'),
  follow_redirects: z
    .enum(['all', 'yes', 'safe', 'urllib2', 'none', 'no'])
    .default('safe')
    .describe('safe: of GET and HEAD only.'),
  timeout: z.int().min(1).max(3600).default(30).describe('Seconds for all of it.'),
  creates: hostPath.optional().describe('Not asked when this file exists.'),
  removes: hostPath.optional().describe('Not asked when this file does not exist.'),
  unix_socket: hostPath.optional().describe('Unix socket to ask through.'),
  ...webFields,
});
type Params = z.infer<typeof params>;

async function skipped({ creates, removes }: Params, host: Host): Promise<string | undefined> {
  if (creates !== undefined && (await host.stat(creates)) !== undefined) return `skipped, since '${creates}' exists`;
  if (removes !== undefined && (await host.stat(removes)) === undefined)
    return `skipped, since '${removes}' does not exist`;
  return undefined;
}

interface Content {
  readonly body: Buffer | undefined;
  readonly type?: string;
}

function form(body: unknown): string {
  if (typeof body !== 'object' || body === null) return String(body);
  const pairs: [string, unknown][] = Array.isArray(body)
    ? body.map(([name, value]) => [String(name), value])
    : Object.entries(body);
  return new URLSearchParams(
    pairs.flatMap(([name, value]) => [value].flat().map((each): [string, string] => [name, String(each)])),
  ).toString();
}

async function contentOf({ body, body_format, src }: Params, host: Host): Promise<Content> {
  if (src !== undefined) return { body: await host.readFile(src) };
  if (body === undefined || body === null) return { body: undefined };
  if (body_format === 'json') {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return { body: Buffer.from(text), type: 'application/json' };
  }
  if (body_format === 'form-urlencoded')
    return { body: Buffer.from(form(body)), type: 'application/x-www-form-urlencoded' };
  return { body: Buffer.from(typeof body === 'object' ? JSON.stringify(body) : String(body)) };
}

const followed = { all: 'all', yes: 'all', safe: 'safe', urllib2: 'safe', none: 'none', no: 'none' } as const;

/** The answer as JSON where its type says so; undefined where it is none. */
function jsonOf({ headers, body }: WebReply): unknown {
  if (!/^[^;]*[/+](?:x-)?(?:json|javascript)\b/i.test(String(headers['content-type'] ?? ''))) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** What the answer sets: names with values, and both as a request says them. */
function cookiesOf({ headers }: WebReply): { cookies: Readonly<Record<string, string>>; cookies_string: string } {
  const pairs = [headers['set-cookie'] ?? []].flat().flatMap((cookie) => {
    const [, name, value] = /^\s*([^=;\s]+)=([^;]*)/.exec(cookie) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value.trim()] as const];
  });
  return {
    cookies: Object.fromEntries(pairs),
    cookies_string: pairs.map(([name, value]) => `${name}=${value}`).join('; '),
  };
}

function about(params: Params, reply: WebReply, elapsed: number): Readonly<Record<string, unknown>> {
  const headers = Object.entries(reply.headers).map(([name, value]) => {
    return [name.replaceAll('-', '_'), Array.isArray(value) ? value.join(', ') : value];
  });
  const { location } = reply.headers;
  const json = jsonOf(reply);
  return {
    ...Object.fromEntries(headers),
    ...(typeof location === 'string' ? { location: new URL(location, reply.url).href } : {}),
    ...{ url: reply.url, status: reply.status, redirected: reply.url !== params.url, elapsed },
    ...cookiesOf(reply),
    ...(json === undefined ? {} : { json }),
    ...(params.return_content ? { content: reply.body.toString('utf8') } : {}),
  };
}

function verdict(wanted: readonly number[], status: number, why: string): { failed: boolean; message: string } {
  const failed = !wanted.includes(status);
  return { failed, message: failed ? `Status code was ${status} and not [${wanted.join(', ')}]: ${why}` : why };
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
  form: 'run',
  checkMode: 'skip',
  summary: 'Asks a web server of the host, and looks at the answer.',
  notes:
    'The result has status, the headers with "_" for "-", `json` where the answer is JSON, `content` where it was asked for.',
  examples: [
    'uri:\n  url: http://127.0.0.1:9090/-/ready',
    'uri:\n  url: https://example.org/api/hosts\n  method: POST\n  body_format: json\n  body: { name: vm01 }\n  status_code: [200, 201]',
  ],
  aliases: { user: 'url_username', password: 'url_password' },
  params: params.superRefine(({ body, src }, context) => {
    if (body !== undefined && src !== undefined)
      context.addIssue({ code: 'custom', path: ['src'], message: 'say body or src, not both' });
  }),
  async run(params, host, context) {
    const reason = await skipped(params, host);
    if (reason !== undefined) return { changed: false, message: reason, result: { stdout: reason } };
    const { body, type } = await contentOf(params, host);
    const options = webOptions(params);
    const typed = Object.keys(options.headers).some((name) => name.toLowerCase() === 'content-type');
    const length = body === undefined ? {} : { 'content-length': String(body.length) };
    const began = performance.now();
    const reply = await answer(host, {
      ...options,
      headers: { ...(type === undefined || typed ? {} : { 'content-type': type }), ...length, ...options.headers },
      url: params.url,
      method: params.method.toUpperCase(),
      body,
      timeoutMs: params.timeout * 1000,
      limit: longestAnswer,
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
    const result = about(params, reply, elapsed);
    const said = verdict(wanted, reply.status, reply.reason);
    return {
      changed: false,
      ...said,
      result: said.failed ? { ...result, content: reply.body.toString('utf8') } : result,
    };
  },
});
