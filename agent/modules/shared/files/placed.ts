import { OrchError } from '../../../../proto/errors.ts';
import type { FileState, Host } from '../../../linux/host.ts';
import type { Plan, Step } from '../../module.ts';
import { type Content, compared, readContent } from './content.ts';
import { flagSteps } from './flags.ts';
import { modeFrom, modeText } from './mode.ts';
import { type Ids, newIds, type OwnerParams, wantedIds } from './owner.ts';
import { backupPath, type FileWrite, writeSteps } from './write.ts';

/** The place of a file that is written as a whole, as it is. */
export interface Placed {
  readonly path: string;
  readonly state: FileState | undefined;
  readonly content: Content | undefined;
  readonly ids: Ids;
  readonly newIds: Ids;
  /** What gives it the attributes that the task says. */
  readonly flags: readonly Step[];
  /** Name for a backup made now. */
  readonly backup: string;
}

/** Looks at the place; throws OrchError where something is there that is no file. */
export async function readPlaced(params: OwnerParams, host: Host, path: string): Promise<Placed> {
  const state = await host.stat(path);
  if (state?.kind === 'directory' || state?.kind === 'other') {
    throw new OrchError({
      code: 'task-failed',
      summary: `${path} is there and is no file.`,
      hint: 'Remove it first.',
    });
  }
  const content = state?.kind === 'file' ? await readContent(host, path, state) : undefined;
  const ids = await wantedIds(host, params);
  const owner = state?.kind === 'file' ? ids : await newIds(host, ids, path);
  const flags = await flagSteps(host, path, params.attributes, state !== undefined);
  return { path, state, content, ids, newIds: owner, flags, backup: backupPath(path, new Date()) };
}

interface PlacedParams {
  readonly mode?: string | number | undefined;
  readonly backup: boolean;
  readonly validate?: string | undefined;
  readonly unsafe_writes?: boolean | undefined;
}

/** The plan that puts the wanted content there. */
export function placedPlan(params: PlacedParams, placed: Placed & Pick<FileWrite, 'wanted' | 'mtime'>): Plan {
  const { path, state, content, wanted } = placed;
  const { mode, validate, unsafe_writes: unsafe } = params;
  const backup = params.backup ? placed.backup : undefined;
  const written = writeSteps({ ...placed, mode, validate, unsafe, backup });
  const view = (mode: number, { uid, gid }: Ids, text: Content) => ({
    path,
    mode: modeText(mode),
    owner: uid ?? state?.uid,
    group: gid ?? state?.gid,
    content: compared(text),
  });
  const before = state && content ? view(state.mode, state, content) : { state: 'absent' };
  const after = view(written.mode, placed.ids, wanted);
  const { warnings, result } = written;
  const steps = [...written.steps, ...placed.flags];
  return { steps, before, after: steps.length === 0 ? before : after, warnings, result };
}

/** What is told of a file with this wanted mode once it is as it is to be, under Ansible's names. */
export function ownership(mode: string | number | undefined, { state, ids, newIds }: Placed) {
  const present = state?.kind === 'file' ? state : undefined;
  const owner = present === undefined ? newIds : ids;
  const before = present?.mode ?? 0o644;
  return {
    uid: owner.uid ?? present?.uid ?? 0,
    gid: owner.gid ?? present?.gid ?? 0,
    mode: modeText(modeFrom(mode ?? before, before, false)),
    state: 'file',
  };
}
