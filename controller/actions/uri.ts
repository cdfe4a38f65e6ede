import { multipartBody, type UriParams, uriParams } from '../../agent/modules/shared/uri-params.ts';
import { module } from '../../agent/modules/uri.ts';
import { pythonJson } from '../template/python/json.ts';
import { type ActionContext, defineAction, saidOf } from './action.ts';

type Read = ActionContext['readSource'];

async function base64(path: string, read: Read): Promise<string> {
  return (await read(path, 'files')).content.toString('base64');
}

/** Fields of a form with the content of files of the workstation. */
async function filled(body: unknown, read: Read): Promise<Readonly<Record<string, unknown>>> {
  const fields = Object.entries(multipartBody.parse(body)).map(async ([name, field]) => {
    if (typeof field !== 'object' || field.filename === undefined || field.content !== undefined) return [name, field];
    return [name, { ...field, content_base64: await base64(field.filename, read) }];
  });
  return Object.fromEntries(await Promise.all(fields));
}

/** What of a request is on the workstation, put into it; JSON as Python writes it. */
async function withSources(params: UriParams, read: Read): Promise<UriParams> {
  const { body, body_format } = params;
  if (body_format === 'json' && typeof body === 'object' && body !== null)
    return { ...params, body: pythonJson(body, { indent: undefined, sortKeys: false, ascii: true }) };
  if (params.remote_src) return params;
  const { src, ...rest } = params;
  if (src !== undefined) return { ...rest, src_base64: await base64(src, read) };
  return body_format === 'form-multipart' ? { ...params, body: await filled(body, read) } : params;
}

export const action = defineAction({
  ...saidOf(module),
  params: uriParams,
  ahead: true,
  job: true,
  run: async (params, context) => context.agent('uri', await withSources(params, context.readSource)),
});
