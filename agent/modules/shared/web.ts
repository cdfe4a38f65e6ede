import * as z from 'zod';
import { basicHeader, type Login } from '../../../proto/login.ts';
import { loginFor } from '../../../proto/netrc.ts';
import type { Host, WebReply, WebRequest } from '../../linux/host.ts';
import { hostPath, secret } from './fields.ts';
import { baseName } from './files/path.ts';
import { taskFailed } from './programs.ts';

/** A header's name or value cannot end its line. */
const header = z.string().regex(/^[^\r\n\0]*$/, 'holds a newline');

export const webUrl = z.string().regex(/^https?:\/\/[^\s/]\S*$/i, 'is no http: or https: URL');

/** What modules that ask web servers have in common; names and defaults are Ansible's. */
export const webFields = {
  headers: z
    .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/), z.union([header, z.number()]))
    .default({})
    .describe('More headers.'),
  url_username: header.optional().describe('User for basic authentication.'),
  url_password: secret(header).optional().describe('Password for it.'),
  unredirected_headers: z.array(header).default([]).describe('Headers that are not sent where a redirect leads.'),
  decompress: z.boolean().default(true).describe('Unpack an answer that comes packed.'),
  client_cert: hostPath.optional().describe("The client's own certificate (PEM); its key, too, without client_key."),
  client_key: hostPath.optional().describe('The key of client_cert.'),
  ciphers: z.array(z.string()).optional().describe('Ciphers for TLS, as OpenSSL names them.'),
  force_basic_auth: z
    .boolean()
    .default(false)
    .describe('Send the login with the first request, and not only to a server that asks for it.'),
  validate_certs: z.boolean().default(true).describe("Check the server's certificate."),
  ca_path: hostPath.optional().describe('File of authorities to trust instead of the usual ones.'),
  http_agent: header.default('ansible-httpget').describe('What it calls itself.'),
  use_netrc: z
    .boolean()
    .default(true)
    .describe(
      "Without url_username: the login that the netrc file of the task's user (NETRC, ~/.netrc) has for the server.",
    ),
  use_gssapi: z.literal(false).default(false).describe('There is no GSSAPI.'),
  use_proxy: z
    .boolean()
    .default(true)
    .describe('Ask through the proxies of http_proxy, https_proxy and no_proxy in the environment.'),
} as const;

type WebParams = z.infer<z.ZodObject<typeof webFields>>;

/** Who asks as the user's netrc says, where neither the task nor the URL does. */
async function netrcLogin(
  params: WebParams,
  url: string,
  host: Pick<Host, 'readFile' | 'absolute'>,
): Promise<Login | undefined> {
  const { hostname, username } = new URL(url);
  if (params.url_username !== undefined || !params.use_netrc || username !== '') return undefined;
  const named = await host.readFile(await host.absolute('$NETRC'));
  const file = named ?? (await host.readFile(await host.absolute('~/.netrc')));
  return file === undefined ? undefined : loginFor(file.toString('utf8'), hostname);
}

/** The parts of a request for the URL that these fields say. */
export async function webOptions(
  params: WebParams,
  url: string,
  host: Pick<Host, 'readFile' | 'absolute'>,
): Promise<
  Omit<WebRequest, 'url' | 'method' | 'body' | 'timeoutMs' | 'limit' | 'follow' | 'socketPath' | 'signal' | 'proxies'>
> {
  const { url_username: user, url_password: password = '' } = params;
  const login = user === undefined ? undefined : { user, password };
  const said = (params.force_basic_auth ? login : undefined) ?? (await netrcLogin(params, url, host));
  const basic = said === undefined ? {} : { authorization: basicHeader(said) };
  const own = Object.fromEntries(Object.entries(params.headers).map(([name, value]) => [name, String(value)]));
  return {
    headers: { 'user-agent': params.http_agent, ...basic, ...own },
    login,
    insecure: !params.validate_certs,
    direct: !params.use_proxy,
    caFile: params.ca_path,
    certFile: params.client_cert,
    keyFile: params.client_key,
    ciphers: params.ciphers?.join(':'),
    unredirected: params.unredirected_headers,
    asPacked: !params.decompress,
  };
}

/** The name that an answer gives what it brings, without folders; empty where it gives none. */
export function namedBy(headers: WebReply['headers']): string {
  const [, name = ''] = /\bfilename="?([^";]+)/i.exec(String(headers['content-disposition'] ?? '')) ?? [];
  return baseName(name.trim());
}

/** For the server, and for each piece of what it sends. */
const patienceMs = 60_000;

/** The path of what a web server has. Throws OrchError where it has nothing; `insecure`: whoever it is. */
export async function downloaded(url: string, insecure: boolean, host: Host, signal: AbortSignal): Promise<string> {
  const request = { url, method: 'GET', headers: {}, timeoutMs: patienceMs, limit: undefined, signal };
  const reply = await host.web({ ...request, follow: 'all', insecure });
  if (reply.status !== 200) throw taskFailed(`Failure downloading ${url}, HTTP Error ${reply.status}: ${reply.reason}`);
  return host.fileWith(reply.large ?? reply.body);
}
