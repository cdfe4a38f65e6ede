import { isRemote, isUrl, unarchiveParams } from '../../agent/modules/shared/files/unarchive-params.ts';
import { module } from '../../agent/modules/unarchive.ts';
import { defineAction, saidOf } from './action.ts';

export const action = defineAction({
  ...saidOf(module),
  params: unarchiveParams,
  ahead: true,
  run: async (params, context) => {
    if (isRemote(params) || isUrl(params.src)) return context.agent('unarchive', params);
    const sent = await context.sendSource(params.src, 'files', params.decrypt);
    return context.agent('unarchive', { ...params, ...sent.params });
  },
});
