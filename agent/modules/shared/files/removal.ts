import type { Action, Step } from '../../module.ts';
import { fileAction } from './steps.ts';
import type { Entry } from './tree.ts';

/** Brings an entry back with its owner and permissions; nothing when its content was not kept. */
function putBack(entry: Entry): readonly Action[] {
  const { path, state } = entry;
  const owner = fileAction({ do: 'owner', path, uid: state.uid, gid: state.gid });
  // After chown, which clears setuid and setgid.
  const mode = fileAction({ do: 'mode', path, mode: state.mode });
  if (state.kind === 'symlink') return [fileAction({ do: 'symlink', path, target: state.target ?? '' }), owner];
  if (state.kind === 'directory') return [fileAction({ do: 'mkdir', path, mode: state.mode }), owner, mode];
  if (state.kind !== 'file' || entry.content === undefined) return [];
  return [fileAction({ do: 'write', path, content: entry.content.toString('base64'), mode: 0o600 }), owner, mode];
}

/** Steps that remove the entries, what is inside a folder before it, and what destroy cannot bring back. */
export function removalSteps(entries: readonly Entry[]): { steps: Step[]; warnings: string[] } {
  const steps = entries.toReversed().map((entry): Step => {
    const action = fileAction({ do: entry.state.kind === 'directory' ? 'rmdir' : 'unlink', path: entry.path });
    return { object: `file ${entry.path}`, action, undo: putBack(entry), removes: true };
  });
  const lost = steps.filter((step) => step.undo.length === 0).length;
  return { steps, warnings: lost === 0 ? [] : [`destroy will not bring back ${lost} of the removed files`] };
}
