import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { module } from '../../agent/modules/assemble.ts';
import { type AssembleParams, assembled, assembleParams, partsOf } from '../../agent/modules/shared/files/assemble.ts';
import { use } from '../source/used-files.ts';
import { type ActionContext, defineAction, saidOf } from './action.ts';

/** The parts in a folder of the workstation. */
async function partsIn(params: AssembleParams, context: ActionContext): Promise<Buffer[]> {
  const folder = context.findSource(params.src, 'files');
  const parts: Buffer[] = [];
  for (const name of partsOf(await readdir(use(folder)), params)) {
    const path = join(folder, name);
    if ((await stat(path)).isFile()) parts.push((await context.readSource(path, 'files', params.decrypt)).content);
  }
  return parts;
}

export const action = defineAction({
  ...saidOf(module),
  params: assembleParams,
  ahead: true,
  run: async (params, context) => {
    if (params.remote_src) return context.agent('assemble', params);
    const {
      src,
      remote_src: _,
      decrypt: _decrypt,
      delimiter,
      regexp: _regexp,
      ignore_hidden: _hidden,
      ...placed
    } = params;
    const content = assembled(await partsIn(params, context), delimiter);
    return context.agent('copy', { ...placed, src, ...context.send(content).params });
  },
});
