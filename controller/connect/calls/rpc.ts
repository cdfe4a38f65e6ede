import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { type ErrorCode, isErrorCode, OrchError } from '../../../proto/errors.ts';
import type { ConfirmRequest, ConfirmResponse, StatusResponse } from '../../../proto/gen/orch/v1/agent.ts';
import type { AgentConnection } from '../types.ts';

/** Metadata key under which an agent sends an OrchError's fields as JSON, beside gRPC's own code and text. */
const errorKey = 'orch-error-bin';

/** The failure of a call as people read it: the agent's own error where it sent one, else 'connection-lost'. */
export function callError(host: string, error: unknown): OrchError {
  if (error instanceof OrchError) return error;
  const { code, details, message } = error as Partial<ServiceError>;
  const sent = sentError(error);
  if (sent) return new OrchError({ ...sent, where: { host }, cause: error });
  const late = code === status.DEADLINE_EXCEEDED;
  return new OrchError({
    code: 'connection-lost',
    summary: late ? 'The agent did not answer in time.' : 'The call to the agent failed.',
    detail: details || message || String(error),
    hint: 'Run again; agent.log in /var/lib/orch on the host says more.',
    where: { host },
    cause: error,
  });
}

interface SentError {
  readonly code: ErrorCode;
  readonly summary: string;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
}

function sentError(error: unknown): SentError | undefined {
  const { metadata } = error as { metadata?: unknown };
  const [value] = metadata instanceof Metadata ? metadata.get(errorKey) : [];
  if (value === undefined) return undefined;
  try {
    const fields: Readonly<Record<string, unknown>> = JSON.parse(value.toString());
    const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : undefined);
    const code = text('code') ?? '';
    const summary = text('summary');
    if (!isErrorCode(code) || summary === undefined) return undefined;
    return { code, summary, detail: text('detail'), hint: text('hint') };
  } catch {
    return undefined;
  }
}

/** What labs own on the host; `lab` empty: all of them. Throws OrchError. */
export function agentStatus(connection: AgentConnection, lab: string, timeoutMs: number): Promise<StatusResponse> {
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + timeoutMs };
    connection.client.status({ lab }, new Metadata(), options, (error, response) =>
      error ? reject(callError(connection.host, error)) : resolve(response),
    );
  });
}

/** One phase of a confirmation. Throws OrchError. */
export function confirmOn(
  connection: AgentConnection,
  request: ConfirmRequest,
  timeoutMs: number,
): Promise<ConfirmResponse> {
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + timeoutMs };
    connection.client.confirm(request, new Metadata(), options, (error, response) =>
      error ? reject(callError(connection.host, error)) : resolve(response),
    );
  });
}
