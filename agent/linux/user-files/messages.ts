import type { ErrorCode } from '../../../proto/errors.ts';
import type { FileAction } from '../action.ts';

/** What the process that has a user's rights is asked; answered under its number. */
export type FileRequest = { readonly id: number } & FileQuestion;

export type FileQuestion =
  | { readonly ask: 'stat' | 'readDir'; readonly path: string }
  | { readonly ask: 'readFile'; readonly path: string; readonly limit: number | undefined }
  | { readonly ask: 'readPiece'; readonly path: string; readonly from: number; readonly bytes: number }
  | { readonly ask: 'digest'; readonly path: string; readonly algorithms: readonly string[] }
  | { readonly ask: 'apply'; readonly action: FileAction };

export interface FileReply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: FileFailure;
}

/** The fields of an OrchError. */
export interface FileFailure {
  readonly code: ErrorCode;
  readonly summary: string;
  /** What the system called it: EACCES. */
  readonly errno: unknown;
  readonly result?: Readonly<Record<string, unknown>> | undefined;
}
