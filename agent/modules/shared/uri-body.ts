import { createHash } from 'node:crypto';
import { OrchError } from '../../../proto/errors.ts';
import { exactJson } from '../../../proto/exact-json.ts';
import type { Host } from '../../linux/host.ts';
import { baseName } from './files/path.ts';
import { type FormFile, multipartBody, type UriParams } from './uri-params.ts';

/** What is sent, and what it is. */
export interface Content {
  readonly body: Buffer | undefined;
  readonly type: string;
}

/** What Python calls a body that nobody calls anything else. */
const formType = 'application/x-www-form-urlencoded';

/** Types of files by the ends of their names. */
const types: Readonly<Record<string, string>> = {
  ...{ txt: 'text/plain', html: 'text/html', css: 'text/css', csv: 'text/csv', js: 'text/javascript', xml: 'text/xml' },
  ...{ json: 'application/json', pdf: 'application/pdf', zip: 'application/zip', tar: 'application/x-tar' },
  ...{ png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg', gif: 'image/gif', svg: 'image/svg+xml' },
};

/** A value as Python's str() writes it into a form. */
function asPython(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value);
}

function pairOf(item: unknown): [string, unknown] {
  if (Array.isArray(item) && item.length === 2) return [String(item[0]), item[1]];
  throw new OrchError({
    code: 'task-failed',
    summary: `failed to parse body as form_urlencoded: too many values to unpack: ${exactJson(item)} is no pair of a name and a value`,
  });
}

function form(body: unknown): string {
  if (typeof body !== 'object' || body === null) return String(body);
  const pairs: [string, unknown][] = Array.isArray(body) ? body.map(pairOf) : Object.entries(body);
  const said = pairs.flatMap(([name, value]) =>
    [value].flat().flatMap((each): [string, string][] => (each === null ? [] : [[name, asPython(each)]])),
  );
  return new URLSearchParams(said).toString();
}

type Files = Pick<Host, 'readFile' | 'absolute'>;

async function fileOf(host: Files, path: string): Promise<Buffer> {
  const content = await host.readFile(await host.absolute(path));
  if (content !== undefined) return content;
  throw new OrchError({ code: 'missing-object', summary: `There is no file ${path} on this host.` });
}

/** multipart/form-data of RFC 7578. */
async function multipart(body: unknown, host: Files): Promise<Content> {
  const parts: { head: string; bytes: Buffer }[] = [];
  const hash = createHash('sha256');
  for (const [name, field] of Object.entries(multipartBody.parse(body))) {
    const file: FormFile = typeof field === 'object' ? field : { content: String(field), mime_type: 'text/plain' };
    const { filename, content, content_base64: packed } = file;
    const named = filename === undefined ? '' : `; filename=${quoted(baseName(filename))}`;
    const type = file.mime_type ?? types[/\.(\w+)$/.exec(filename ?? '')?.[1] ?? ''] ?? 'application/octet-stream';
    const raw =
      content !== undefined
        ? Buffer.from(content)
        : packed !== undefined || filename === undefined
          ? Buffer.from(packed ?? '', 'base64')
          : await fileOf(host, filename);
    const coded = file.multipart_encoding === 'base64';
    const bytes = coded ? Buffer.from(base64Lines(raw)) : raw;
    const coding = coded ? 'Content-Transfer-Encoding: base64\r\n' : '';
    const head = `Content-Disposition: form-data; name=${quoted(name)}${named}\r\nContent-Type: ${type}\r\n${coding}\r\n`;
    parts.push({ head, bytes });
    hash.update(head).update(bytes);
  }
  // Nothing holds the hash of itself.
  const boundary = hash.digest('hex').slice(0, 32);
  const all = parts.flatMap(({ head, bytes }) => [Buffer.from(`--${boundary}\r\n${head}`), bytes, Buffer.from('\r\n')]);
  const end = Buffer.from(`--${boundary}--\r\n`);
  return { body: Buffer.concat([...all, end]), type: `multipart/form-data; boundary=${boundary}` };
}

/** In lines of 76 characters (RFC 2045, section 6.8). */
function base64Lines(bytes: Buffer): string {
  return (bytes.toString('base64').match(/.{1,76}/g) ?? []).join('\r\n');
}

/** A name in a header, with what would end it or its line escaped as browsers do. */
function quoted(name: string): string {
  return `"${name.replace(/["\r\n]/g, (mark) => encodeURIComponent(mark))}"`;
}

/** What a task sends. Throws OrchError where a file of the host is missing. */
export async function contentOf({ body, body_format, src, src_base64 }: UriParams, host: Files): Promise<Content> {
  const type = body_format === 'json' ? 'application/json' : formType;
  if (src_base64 !== undefined) return { body: Buffer.from(src_base64, 'base64'), type };
  if (src !== undefined) return { body: await fileOf(host, src), type };
  if (body === undefined || (body === null && body_format !== 'json')) return { body: undefined, type };
  if (body_format === 'json') {
    return { body: Buffer.from(typeof body === 'string' ? body : exactJson(body)), type };
  }
  if (body_format === 'form-urlencoded') return { body: Buffer.from(form(body)), type };
  if (body_format === 'form-multipart') return multipart(body, host);
  return { body: Buffer.from(typeof body === 'object' ? exactJson(body) : String(body)), type };
}
