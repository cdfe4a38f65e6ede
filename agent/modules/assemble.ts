import { OrchError } from '../../proto/errors.ts';
import type { FileState, Host } from '../linux/host.ts';
import { defineModule } from './module.ts';
import { type AssembleParams, assembled, assembleParams, partsOf } from './shared/files/assemble.ts';
import { sha1, shown } from './shared/files/content.ts';
import { asTaskFailure } from './shared/files/edit.ts';
import { modeText } from './shared/files/mode.ts';
import { type Ids, newIds, wantedIds } from './shared/files/owner.ts';
import { joined, tidy } from './shared/files/path.ts';
import { backupPath, writeSteps } from './shared/files/write.ts';

interface Current {
  readonly path: string;
  readonly state: FileState | undefined;
  readonly content: Buffer | undefined;
  readonly wanted: Buffer;
  readonly ids: Ids;
  readonly newIds: Ids;
  readonly backup: string;
}

async function parts(params: AssembleParams, host: Host): Promise<Buffer[]> {
  const folder = tidy(params.src);
  const names = await host.readDir(folder);
  if (names === undefined)
    throw new OrchError({ code: 'missing-object', summary: `There is no folder ${folder} on this host.` });
  const found: Buffer[] = [];
  for (const name of asTaskFailure(() => partsOf(names, params))) {
    const path = joined(folder, name);
    if ((await host.stat(path))?.kind === 'directory') continue;
    const content = await host.readFile(path);
    if (content !== undefined) found.push(content);
  }
  return found;
}

export const module = defineModule({
  name: 'assemble',
  form: 'converge',
  summary: 'Makes one file of all the files in a folder.',
  notes: 'In the order of their names. `orch destroy` brings back the old content up to 1 MiB.',
  examples: ['assemble:\n  src: /etc/frr/frr.conf.d\n  dest: /etc/frr/frr.conf\n  validate: vtysh -C -f %s'],
  params: assembleParams,
  makes: (params) => [{ kind: 'path', path: tidy(params.dest) }],
  objects: (_params, { path }: Current) => [`file ${path}`],

  async read(params, host): Promise<Current> {
    const path = tidy(params.dest);
    const state = await host.stat(path);
    if (state?.kind === 'directory' || state?.kind === 'other')
      throw new OrchError({
        code: 'task-failed',
        summary: `${path} is there and is no file.`,
        hint: 'Remove it first.',
      });
    const content = state?.kind === 'file' ? await host.readFile(path) : undefined;
    const ids = await wantedIds(host, params);
    return {
      ...{ path, state, content, ids },
      wanted: assembled(await parts(params, host), params.delimiter),
      newIds: state?.kind === 'file' ? ids : await newIds(host, ids),
      backup: backupPath(path, new Date()),
    };
  },

  plan(params, current) {
    const { path, state, content, wanted } = current;
    const backup = params.backup ? current.backup : undefined;
    const written = writeSteps({ ...current, mode: params.mode, backup, validate: params.validate });
    const before =
      state && content ? { path, mode: modeText(state.mode), content: shown(content) } : { state: 'absent' };
    const result = { src: params.src, dest: path, checksum: sha1(wanted), msg: 'OK', ...written.result };
    const after = { path, mode: modeText(written.mode), content: shown(wanted) };
    return {
      steps: written.steps,
      before,
      after: written.steps.length === 0 ? before : after,
      warnings: written.warnings,
      result,
    };
  },
});
