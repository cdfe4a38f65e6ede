import type { FileState, Host } from '../../linux/host.ts';
import { modeText } from '../../modules/shared/files/mode.ts';
import { ownerName } from '../../modules/shared/files/owner-name.ts';
import type { ItemOutcome } from './task-context.ts';

type FileHost = Pick<Host, 'stat' | 'readFile' | 'exec'>;

const kinds = { directory: 'directory', symlink: 'link' } as const;

/** An outcome that tells of the file its result names as `path` or `dest`: owner, group, mode, size and kind, as Ansible does. */
export async function withFileFacts(outcome: ItemOutcome, host: FileHost): Promise<ItemOutcome> {
  const { path, dest } = outcome.result;
  const named = path ?? dest;
  const state = typeof named === 'string' && named.startsWith('/') ? await host.stat(named) : undefined;
  if (state === undefined) return outcome;
  return { ...outcome, result: { ...outcome.result, ...(await factsOf(state, host)) } };
}

async function factsOf(state: FileState, host: FileHost): Promise<Readonly<Record<string, unknown>>> {
  const { uid, gid, mode, size, kind, links = 1 } = state;
  return {
    ...{ uid, gid, mode: modeText(mode), size },
    owner: (await ownerName(host, 'passwd', uid)) || String(uid),
    group: (await ownerName(host, 'group', gid)) || String(gid),
    state: kind === 'directory' || kind === 'symlink' ? kinds[kind] : links > 1 ? 'hard' : 'file',
  };
}
