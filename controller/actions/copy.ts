import { basename } from 'node:path';
import { module } from '../../agent/modules/copy.ts';
import { copyParams } from '../../agent/modules/shared/files/copy-params.ts';
import { defineAction } from './action.ts';

export const action = defineAction({
  name: module.name,
  summary: module.summary,
  ...(module.notes === undefined ? {} : { notes: module.notes }),
  examples: module.examples,
  params: copyParams,
  ahead: true,
  run: async (params, context) => {
    if (params.src === undefined || params.remote_src) return context.agent('copy', params);
    const { path, content } = await context.readSource(params.src, 'files');
    // The name alone, for a dest that is a folder.
    return context.agent('copy', { ...params, src: basename(path), content_base64: content.toString('base64') });
  },
});
