import { OrchError } from '../../../proto/errors.ts';
import { applyFileAction } from '../files/file-actions.ts';
import { codeOf, ownFiles } from '../files/files.ts';
import type { FileFailure, FileReply, FileRequest } from './messages.ts';

/** Gives root's rights up for good, for those of a user ("UID,GID,GROUP,..."), and answers the agent that started this. */
export function serveFiles(ids: string): void {
  const [uid, gid, ...groups] = ids.split(',').map(Number);
  if (uid === undefined || gid === undefined) throw new Error(`no ids: ${ids}`);
  // Else that user could have Node listen for a debugger, and be this process.
  process.on('SIGUSR1', () => undefined);
  process.setgroups?.(groups);
  process.setgid?.(gid);
  process.setuid?.(uid);
  process.umask(0o022);
  process.on('message', (request: FileRequest) => void reply(request));
  process.on('disconnect', () => process.exit(0));
}

async function reply(request: FileRequest): Promise<void> {
  const { id } = request;
  const answer = await answerTo(request).then(
    (value): FileReply => ({ id, value }),
    (error: unknown): FileReply => ({ id, error: failureOf(error) }),
  );
  process.send?.(answer);
}

function answerTo(request: FileRequest): Promise<unknown> {
  switch (request.ask) {
    case 'stat':
      return ownFiles.stat(request.path);
    case 'readDir':
      return ownFiles.readDir(request.path);
    case 'readFile':
      return ownFiles.readFile(request.path, request.limit);
    case 'readPiece':
      return ownFiles.readPiece(request.path, request.from, request.bytes);
    case 'digest':
      return ownFiles.digest(request.path, request.algorithms);
    case 'apply':
      return applyFileAction(request.action);
  }
}

function failureOf(error: unknown): FileFailure {
  if (!(error instanceof OrchError))
    return {
      code: 'command-failed',
      summary: error instanceof Error ? error.message : String(error),
      errno: codeOf(error),
    };
  const { code, summary, result, cause } = error;
  return { code, summary, result, errno: codeOf(cause) };
}
