import { OrchError } from '../../../proto/errors.ts';
import type { Diagnostic } from '../../../proto/gen/orch/v1/agent.ts';

/** Any failure as OrchError; what is not one already is a defect of ours. */
export function asOrchError(error: unknown): OrchError {
  if (error instanceof OrchError) return error;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new OrchError({ code: 'internal', summary: text.split('\n')[0] ?? text, detail: text, cause: error });
}

/** Longest text of a failure that is sent, in characters. */
const longest = 16_384;

/** A failure for the wire. */
export function toDiagnostic({ code, summary, detail = '', hint = '' }: OrchError): Diagnostic {
  return { code, summary: summary.slice(0, longest), detail: detail.slice(0, longest), hint };
}

/** What remains of a failure whose words may hold what no_log must keep. */
export function censored({ code }: Diagnostic): Diagnostic {
  return { code, summary: 'The task failed; no_log hides what it said.', detail: '', hint: '' };
}
