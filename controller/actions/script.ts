import { module } from '../../agent/modules/script.ts';
import { scriptParams } from '../../agent/modules/shared/script-params.ts';
import { shellWords } from '../../agent/modules/shared/shell-words.ts';
import { defineAction, saidOf } from './action.ts';

export const action = defineAction({
  ...saidOf(module),
  params: scriptParams,
  freeForm: 'cmd',
  ahead: true,
  run: async (params, context) => {
    const [name = ''] = shellWords(params.cmd) ?? [];
    const { content } = await context.readSource(name, 'files', params.decrypt);
    return context.agent('script', { ...params, content_base64: content.toString('base64') });
  },
});
