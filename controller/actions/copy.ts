import { basename } from 'node:path';
import { module } from '../../agent/modules/copy.ts';
import { copyParams } from '../../agent/modules/shared/files/copy-params.ts';
import { pythonJson } from '../template/json.ts';
import { defineAction } from './action.ts';

/** As Python's json.dumps, which Ansible uses. */
function jsonText(content: unknown): string {
  return pythonJson(content, { indent: undefined, sortKeys: false, ascii: true });
}

export const action = defineAction({
  name: module.name,
  summary: module.summary,
  ...(module.notes === undefined ? {} : { notes: module.notes }),
  examples: module.examples,
  params: copyParams,
  ahead: true,
  run: async (params, context) => {
    const { content } = params;
    if (typeof content === 'object') return context.agent('copy', { ...params, content: jsonText(content) });
    if (params.src === undefined || params.remote_src) return context.agent('copy', params);
    const { path, content: bytes } = await context.readSource(params.src, 'files');
    // The name alone, for a dest that is a folder.
    return context.agent('copy', { ...params, src: basename(path), content_base64: bytes.toString('base64') });
  },
});
