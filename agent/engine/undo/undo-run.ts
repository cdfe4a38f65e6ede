import { DestroyResponse_Outcome as Outcome, type RollbackResponse } from '../../../proto/gen/orch/v1/agent.ts';
import { asOrchError } from '../steps/diagnostic.ts';

/** What taking a run back came to. */
export interface UndoneRun {
  readonly changes: readonly RollbackResponse[];
  /** What could not be taken back, and why. */
  readonly failed: readonly string[];
}

/** Carries a rollback out to its end. What breaks it off counts as failed. */
export async function allOf(responses: AsyncIterable<RollbackResponse>): Promise<UndoneRun> {
  const changes: RollbackResponse[] = [];
  const broken: string[] = [];
  try {
    for await (const response of responses) changes.push(response);
  } catch (error) {
    broken.push(asOrchError(error).summary);
  }
  const failed = changes.flatMap(({ change }) =>
    change?.outcome === Outcome.FAILED ? [`${change.object}: ${change.reason}`] : [],
  );
  return { changes, failed: [...failed, ...broken] };
}
