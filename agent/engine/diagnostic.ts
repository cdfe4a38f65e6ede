import { OrchError } from '../../proto/errors.ts';
import type { Diagnostic } from '../../proto/gen/orch/v1/agent.ts';

/** Any failure as OrchError; what is not one already is a defect of ours. */
export function asOrchError(error: unknown): OrchError {
  if (error instanceof OrchError) return error;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new OrchError({ code: 'internal', summary: text.split('\n')[0] ?? text, detail: text, cause: error });
}

/** A failure for the wire. `hidden`: detail may hold what no_log must keep. */
export function toDiagnostic(error: OrchError, hidden = false): Diagnostic {
  return {
    code: error.code,
    summary: hidden ? 'The task failed; no_log hides what it said.' : error.summary,
    detail: hidden ? '' : (error.detail ?? ''),
    hint: hidden ? '' : (error.hint ?? ''),
  };
}
